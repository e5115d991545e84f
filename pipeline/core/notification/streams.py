"""Names the streams that hold the state of messages."""

ALERT_STATE = "alert-state"  # AlertState, by id of the alert
MESSAGES = "messages"  # Message, by id
DELIVERIES = "deliveries"  # Delivery, by MESSAGE/CHANNEL
MUTES = "mutes"  # Mute, by id
RHYTHMS = "alert-rhythms"  # AlertRhythm, by RULE/KEY
