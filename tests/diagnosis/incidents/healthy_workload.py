from incident import Incident

INCIDENT = Incident(fault="nothing: a Deployment that is well", steps=[], ask="diagnose_workload storefront --kind Deployment", overview=False)
