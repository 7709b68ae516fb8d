from incident import Incident

INCIDENT = Incident(fault="nothing: a whole cluster", only="real", steps=[], ask="cluster_health", everywhere=True, alone=True)
