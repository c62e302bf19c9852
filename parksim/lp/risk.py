"""Costs of many scenarios as one figure: their mean, blended with the mean of their worst part.

    (1) expected(c) = sum_s p_s c_s
    (2) cvar(c) = min over eta of eta + sum_s p_s max(0, c_s - eta) / (1 - level)      the mean of the worst 1 - level
    (3) value(c) = (1 - weight) expected(c) + weight cvar(c)                            all in CNY

Level 0 makes (2) the mean, level 1 the worst scenario. The value is convex and never falls in any cost, and
value(c + a) = value(c) + a: what all scenarios pay, such as investment, may stand inside or outside.

Reference: R. T. Rockafellar, S. Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2 (2000) 21-41,
doi:10.21314/JOR.2000.038, theorem 1
"""

from dataclasses import dataclass

import numpy as np

from parksim.component import Array


@dataclass(frozen=True)
class Risk:
    """How scenarios count.

    Parameters
    ----------
    probability
        Of each scenario, above 0, summing up to 1, shape (scenarios,) [1].
    weight
        Share of (2) in (3) [1].
    level
        Share of the probability that (2) leaves out, the cheapest [1].
    """

    probability: Array
    weight: float = 0.0
    level: float = 0.0

    @property
    def scenarios(self) -> int:
        """Number of scenarios."""
        return len(self.probability)

    def tail(self, costs: Array) -> Array:
        """Give the weights with which (2) is the mean of the costs, shape (scenarios,) [1]."""
        order = np.argsort(-costs, kind="stable")
        weights = np.zeros(self.scenarios)
        if self.level >= 1.0:
            weights[order[0]] = 1.0
            return weights
        before = np.concatenate(([0.0], np.cumsum(self.probability[order])[:-1]))
        mass = np.clip(1.0 - self.level - before, 0.0, self.probability[order])
        weights[order] = mass / mass.sum()
        return weights

    def weights(self, costs: Array) -> Array:
        """Give the weights with which (3) is the mean of the costs: its slope in them, shape (scenarios,) [1]."""
        return (1.0 - self.weight) * self.probability + self.weight * self.tail(costs)

    def expected(self, costs: Array) -> float:
        """Evaluate (1), of costs of shape (scenarios,) [CNY]."""
        return float(self.probability @ costs)

    def cvar(self, costs: Array) -> float:
        """Evaluate (2) [CNY]."""
        return float(self.tail(costs) @ costs)

    def value(self, costs: Array) -> float:
        """Evaluate (3) [CNY]."""
        return float(self.weights(costs) @ costs)


def certain() -> Risk:
    """Give the one scenario of a park that is known."""
    return Risk(np.ones(1))
