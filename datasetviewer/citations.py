"""How a dataset is cited: BibTeX of the papers that published the known ones."""

from __future__ import annotations

from .models import Dataset

CUFS = """@article{wang2009face,
  title   = {Face Photo-Sketch Synthesis and Recognition},
  author  = {Wang, Xiaogang and Tang, Xiaoou},
  journal = {IEEE Transactions on Pattern Analysis and Machine Intelligence},
  volume  = {31},
  number  = {11},
  pages   = {1955--1967},
  year    = {2009}
}"""
CUFSF = """@inproceedings{zhang2011coupled,
  title     = {Coupled Information-Theoretic Encoding for Face Photo-Sketch Recognition},
  author    = {Zhang, Wei and Wang, Xiaogang and Tang, Xiaoou},
  booktitle = {IEEE Conference on Computer Vision and Pattern Recognition},
  pages     = {513--520},
  year      = {2011}
}"""
WEBCARICATURE = """@inproceedings{huo2018webcaricature,
  title     = {{WebCaricature}: a benchmark for caricature recognition},
  author    = {Huo, Jing and Li, Wenbin and Shi, Yinghuan and Gao, Yang and Yin, Hujun},
  booktitle = {British Machine Vision Conference},
  year      = {2018}
}"""
FS2K = """@article{fan2022facial,
  title   = {Facial-Sketch Synthesis: A New Challenge},
  author  = {Fan, Deng-Ping and Huang, Ziling and Zheng, Peng and Liu, Hong and Qin, Xuebin and Van Gool, Luc},
  journal = {Machine Intelligence Research},
  volume  = {19},
  pages   = {257--287},
  year    = {2022}
}"""
PAPERS = {"cufs": CUFS, "cufs-uncropped": CUFS, "cufsf": CUFSF, "webcaricature": WEBCARICATURE, "fs2k": FS2K}


def bibtex(dataset: Dataset) -> str:
    """The entry of the paper behind the dataset's layout; else one made of its citation, or ""."""
    known = PAPERS.get(dataset.layout.replace("_", "-"))
    if known or not dataset.citation:
        return known or ""
    note = dataset.citation.replace("{", "").replace("}", "")
    return f"@misc{{{dataset.slug},\n  title = {{{dataset.name}}},\n  note  = {{{note}}}\n}}"
