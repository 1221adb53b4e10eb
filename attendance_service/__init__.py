"""Judgement and decision: suggests attendance from the tracking service's facts and keeps what people decide."""
