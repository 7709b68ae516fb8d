from incident import Incident

INCIDENT = Incident(fault="nothing: the bystanders alone", crowd=True, steps=[], ask="cluster_health")
