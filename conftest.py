"""Loaded before any test.

pytest names a test module by its path from here, so `invsys/tests/...` would come to life below an empty package named
`invsys`; the real one is imported first, and stays.
"""

import invsys as invsys
