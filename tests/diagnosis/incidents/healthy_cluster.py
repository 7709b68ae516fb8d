from incident import Incident

INCIDENT = Incident(fault="nothing: a whole cluster", steps=[], ask="cluster_health", everywhere=True, alone=True)
