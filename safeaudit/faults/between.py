"""What became of faults between two rounds: mended, still open, new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.faults.looks import can_be_seen, find_looks

if TYPE_CHECKING:
    from safeaudit.tables import Audits

_AT = ["place_id", "kind"]
FATES = ("mended", "open", "not_looked_again", "new", "not_looked_before")


def compare_faults(faults: pd.DataFrame, audits: Audits, matches: pd.DataFrame, names: tuple[str, str]) -> pd.DataFrame:
    """Say of each fault of two rounds what became of it.

    Parameters
    ----------
    faults
        The table of this name; what belongs to no place is left out.
    audits, matches
        Submissions and reports of these rounds; the table of this name.
    names
        The two rounds, the first one first.

    Returns
    -------
    place_id, kind and fate, sorted: `mended` (reported in the first round, and mended as the table says), `open` (it is
    not, and somebody looked again), `not_looked_again`, `new` (reported in the second round alone, where the first
    looked too) and `not_looked_before`. Who looked after dark alone can tell of a lamp.
    """
    campaign = audits.submissions.set_index(audits.submissions["submission_id"].astype("str"))["campaign"]
    campaign = campaign.astype("str").fillna("")
    known = faults[faults["place_id"].notna()].astype({"submission_id": "str", **dict.fromkeys(_AT, "str")})
    known = known.assign(round=pd.Index(names).get_indexer(campaign.reindex(known["submission_id"]).fillna("\0")))
    known = known[known["round"] >= 0]
    if known.empty:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in (*_AT, "fate")})
    found = known.groupby(_AT).agg(first=("round", "min"), mended=("status", lambda of: (of == "mended").all()))
    found = found.reset_index()
    looks = find_looks(audits, matches)
    looks = looks.assign(round=pd.Index(names).get_indexer(looks["campaign"].astype("str").fillna("")))
    pairs = found[_AT].merge(looks[["place_id", "round", "light"]].drop_duplicates(), on="place_id")
    pairs = pairs[can_be_seen(pairs["kind"], pairs["light"])]
    looked = [
        pd.MultiIndex.from_frame(found[_AT]).isin(pd.MultiIndex.from_frame(pairs.loc[pairs["round"] == number, _AT]))
        for number in (0, 1)
    ]
    is_new = (found["first"] == 1).to_numpy()
    which = [~is_new & found["mended"], ~is_new & looked[1], ~is_new, is_new & looked[0]]
    return found[_AT].assign(fate=np.select(which, FATES[:-1], FATES[-1]))
