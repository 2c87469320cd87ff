"""LiteLLM's `model_list` <-> profiles, by one table. What has no field rides along in an extension, and comes back."""
