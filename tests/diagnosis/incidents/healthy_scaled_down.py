from incident import Incident

INCIDENT = Incident(fault="nothing: a Deployment of no replicas, on purpose", steps=[], ask="diagnose_workload archive", overview=False)
