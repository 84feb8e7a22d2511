"""What a person chose to have a face drawn by, checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from workers.engine.errors import InputError

from ..choosing import MOST_FACES
from ..models import MAX_SEED, MAX_STRENGTH, MIN_STRENGTH, Stylization
from ..offered import default_model, model_get


@dataclass(frozen=True)
class Choice:
    """Fields of a Stylization of the same names; no model is the default one."""

    model: str | None
    seed: int = 0
    strength: float = 1.0
    to_seed: int | None = None
    mix: float = 0.0

    @classmethod
    def of(cls, row: Stylization) -> Choice:
        """What an earlier sketch was drawn by."""
        return cls(row.model, row.seed, row.strength, row.to_seed, row.mix)

    def changed(
        self,
        model: str | None = None,
        seed: int | None = None,
        strength: float | None = None,
        to_seed: int | None = None,
        mix: float | None = None,
    ) -> Choice:
        """The same but for what is given. Another model or seed leaves the way between two seeds."""
        left = (model is not None and model != self.model) or seed is not None
        kept = replace(self, to_seed=None, mix=0.0) if left else self
        given: dict[str, Any] = {"model": model, "seed": seed, "strength": strength, "to_seed": to_seed, "mix": mix}
        return replace(kept, **{name: value for name, value in given.items() if value is not None})

    def checked(self, owner: Any = None, face_index: int | None = None) -> Choice:
        """The same with the model's id in full; InputError for an option that cannot be."""
        model = model_get(model=self.model or default_model(), user=owner)
        for seed in (self.seed, self.to_seed):
            if seed is not None and not 0 <= seed <= MAX_SEED:
                raise InputError(_("The seed is a whole number from 0 to %(limit)d.") % {"limit": MAX_SEED})
        if not MIN_STRENGTH <= self.strength <= MAX_STRENGTH:
            text = _("The strength is a number from %(low)g to %(high)g.")
            raise InputError(text % {"low": MIN_STRENGTH, "high": MAX_STRENGTH})
        if not 0 <= self.mix <= 1:
            raise InputError(_("The mix is a number from 0, the first seed, to 1, the other one."))
        if self.to_seed is not None and not model.codes:
            text = _("%(model)s has no drawings between two seeds; only models with a code, such as a VAE, do.")
            raise InputError(text % {"model": model.title})
        if self.mix and self.to_seed is None:
            raise InputError(_("A mix needs a second seed (to_seed) to lead to."))
        if face_index is not None and not 0 <= face_index < MOST_FACES:
            raise InputError(
                _("The face is a whole number from 0, the largest, to %(most)d.") % {"most": MOST_FACES - 1}
            )
        return replace(self, model=model.id)
