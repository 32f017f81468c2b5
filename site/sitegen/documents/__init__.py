"""What the site says in JSON; the published schemas are generated from these types.

They are typed dictionaries: orjson writes those seven times as fast as dataclasses with slots, and every tool has some.
"""
