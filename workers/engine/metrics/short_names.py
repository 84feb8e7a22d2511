"""What a paper calls a metric in the head of a column."""

_SHORT = {
    "fid": "FID", "kid": "KID", "cmmd": "CMMD", "fid_inf": "FID∞", "ssim": "SSIM", "ssim.smoothed": "SSIM (smoothed)",
    "msssim": "MS-SSIM", "psnr": "PSNR (dB)", "gmsd": "GMSD", "fsim": "FSIM", "fsimc": "FSIMc", "scoot": "Scoot",
    "lpips.squeeze": "LPIPS (Squeeze)", "lpips.alex": "LPIPS (Alex)", "lpips.vgg": "LPIPS (VGG)", "dists": "DISTS",
    "rank1": "Rank-1", "rank5": "Rank-5", "rank10": "Rank-10", "nlda": "NLDA", "precision": "Precision", "recall": "Recall",
    "density": "Density", "coverage": "Coverage",
}  # fmt: skip


def short_name(metric: str) -> str:
    """As short as an axis or a column has room for: "lpips.squeeze" -> "LPIPS (Squeeze)"."""
    return _SHORT.get(metric, metric.upper())
