"""Periods grouped by their profiles, by tsam: loaded only when a question asks for it.

Reference: M. Hoffmann, L. Kotzur, D. Stolten, The Pareto-optimal temporal aggregation of energy system models, Applied
Energy 315 (2022) 119029, doi:10.1016/j.apenergy.2022.119029
"""

import warnings
from collections.abc import Mapping
from importlib.metadata import version

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tsam import ClusterConfig, KMeans, aggregate

from parksim.component import Array

STARTS = 10
"""Starts of k-means; tsam takes 100, which takes ten times as long."""


def tsam_version() -> str:
    """Give the version at work."""
    return version("tsam")


def grouped(
    profiles: Mapping[str, Array], *, groups: int, length: int, method: str, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Group periods of like profiles.

    Parameters
    ----------
    profiles
        Name to values over whole periods, shape (time,); each counts alike, over its own range.
    groups
        Number of groups.
    length
        Steps of a period.
    method
        As tsam names them.
    seed
        Of k-means.

    Returns
    -------
    ndarray, ndarray
        Group of every period, shape (periods,), and the period in the middle of every group, shape (groups,).
    """
    frame = pd.DataFrame(dict(profiles))
    chosen = KMeans(n_init=STARTS, random_state=seed) if method == "kmeans" else method
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of representatives that tsam makes, and that are not taken
        found = aggregate(
            frame,
            groups,
            period_duration=length,
            temporal_resolution=1.0,  # a step
            cluster=ClusterConfig(method=chosen, representation="medoid"),
            preserve_column_means=False,
        )
    middle = np.asarray(found.clustering.cluster_centers, np.int64)
    return np.asarray(found.cluster_assignments, np.int64), middle
