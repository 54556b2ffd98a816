"""Sections of songs by structural features, in plain NumPy: the other program that musegan/structure/ is held against.

    python3 structural_features.py sf|sf-authors FILE...

Written from the method's description (Serra, Mueller, Grosche, Arcos: AAAI 2012; musegan/structure/README.md), with
every matrix in full. Each FILE describes a song: a line "bars N", then a line per note: first step, last step + 1 (24
per beat), MIDI pitch, 1 for drums or 0. Of each FILE three lines are printed: the novelty curve, its peaks, and the
boundaries in bars.
"""

import sys

import numpy as np

STEPS_PER_BAR = 96


def read_song(path):
    lines = open(path).read().split("\n")
    bars = int(lines[0].split()[1])
    return bars, [tuple(map(int, line.split())) for line in lines[1:] if line]


def chroma(bars, notes, steps_per_frame):
    """Frames x 12: how many steps each pitch class sounds, track by track."""
    steps = np.zeros((bars * STEPS_PER_BAR, 12), dtype=np.int64)
    for begin, end, pitch, _ in notes:
        steps[begin:end, pitch % 12] += 1
    return steps.reshape(-1, steps_per_frame, 12).sum(axis=1)


def distances(frames, window, rows):
    """All squared distances of sequences of `window` frames; whole numbers far below 2^53, so exact."""
    embedded = np.hstack([frames[k : k + rows] for k in range(window)]).astype(np.float64)
    squares = (embedded**2).sum(axis=1)
    return squares[:, None] + squares[None, :] - 2.0 * embedded @ embedded.T


def mutual_neighbours(distance, count):
    """R: 1 where two moments are among each other's nearest; equal distances go to the lower index."""
    n = len(distance)
    others = distance.copy()
    np.fill_diagonal(others, np.inf)
    chosen = np.zeros((n, n))
    for i in range(n):
        chosen[i, np.argsort(others[i], kind="stable")[:count]] = 1.0
    return np.minimum(chosen, chosen.T)


def lag_matrix(links):
    """L[lag, time] = R[(lag + time) mod n, time]."""
    n = len(links)
    time = np.arange(n)
    return np.array([links[(lag + time) % n, time] for lag in range(n)])


def gaussian_matrix(n, sigma):
    """Smoothing with reflected ends as a matrix: what a unit at each place becomes."""
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    matrix = np.zeros((n, n))
    for at in range(n):
        for k in range(-radius, radius + 1):
            source = (at + k) % (2 * n)
            matrix[at, source if source < n else 2 * n - 1 - source] += weights[k + radius]
    return matrix


def sf(bars, notes):
    counts = chroma(bars, [note for note in notes if not note[3]], 24)
    most = counts.max(axis=1, keepdims=True)
    frames = np.floor(4096 * counts / np.maximum(most, 1) + 0.5).astype(np.int64)
    total = len(frames)
    if total <= 20:
        return [], [], [0, bars]
    n = total - 3
    links = mutual_neighbours(distances(frames, 3, n), total // 25)
    smooth = (gaussian_matrix(n, 0.5) @ lag_matrix(links) @ gaussian_matrix(n, 13.5).T).T  # time x lag
    curve = np.append(np.linalg.norm(smooth[:-1] - smooth[1:], axis=1), 0.0)
    curve = curve + abs(curve.min())
    if curve.max() > 0:
        curve = curve / curve.max()
    curve = np.rint(curve * 2.0**32) / 2.0**32
    padded = np.pad(curve, 14 * n, mode="symmetric")[14 * n - 14 : 14 * n + n + 13]
    median = np.array([np.sort(padded[i : i + 28])[14] for i in range(n)])
    level = median + 0.05 * curve.mean()
    peaks = []
    for i in range(1, n - 1):
        after = i
        while after < n and curve[after] == curve[i]:
            after += 1
        if after < n and curve[i - 1] < curve[i] > curve[after] and curve[i] > level[i]:
            peaks.append(i)
    inner = {int((i + 2) / 4 + 0.5) for i in peaks}
    return curve, peaks, sorted({0, bars} | {bar for bar in inner if 0 < bar < bars})


def sf_authors(bars, notes):
    frames = chroma(bars, notes, 6)
    n = len(frames) - 24
    if n < 2:
        return [], [], [0, bars]
    count = int(0.04 * n + 0.5)
    links = np.zeros((n, n))
    if count > 0:
        links = mutual_neighbours(distances(frames, 25, n), count - 1) + np.eye(n)
    lags = lag_matrix(links)
    weights = np.exp(-0.5 * ((np.arange(300) - 149.5) / 60.0) ** 2)
    # The whole convolution has n + 299 values; those kept begin at the 149th.
    along_time = np.array([np.convolve(row, weights)[149 : 149 + n] for row in lags])
    side = np.exp(-0.5 * (1 / 0.6) ** 2)
    above = np.vstack([along_time[1:], np.zeros(n)])
    below = np.vstack([np.zeros(n), along_time[:-1]])
    smooth = along_time + side * (above + below)
    curve = ((smooth[:, 1:] - smooth[:, :-1]) ** 2).sum(axis=0)
    span = curve.max() - curve.min()
    curve = (curve - curve.min()) / span if span > 0 else 0.0 * curve
    curve = np.rint(curve * 2.0**32) / 2.0**32
    peaks = []
    for i in range(len(curve)):
        first = max(0, i - 60)
        around = curve[first : i + 61]
        if curve[i] >= 0.05 and first + int(np.argmax(around)) == i:
            peaks.append(i)
    frames_at = [i + 1 for i in peaks]
    if not frames_at or frames_at[0] > 21:
        frames_at.insert(0, 1)
    if frames_at[-1] < n - 20:
        frames_at.append(n)
    else:
        frames_at[-1] = n
    in_bars = [int((frame + 13) * 6 / 96 + 0.5) for frame in frames_at]
    # The first boundary is the song's beginning, the last one, less than four bars before its end, the end.
    assert bars - in_bars[-1] < 4
    return curve, peaks, sorted({0, bars} | {bar for bar in in_bars[1:-1] if 0 < bar < bars})


def main():
    way = {"sf": sf, "sf-authors": sf_authors}[sys.argv[1]]
    for path in sys.argv[2:]:
        curve, peaks, boundaries = way(*read_song(path))
        print(" ".join(repr(float(value)) for value in curve))
        print(" ".join(map(str, peaks)))
        print(" ".join(map(str, boundaries)))


if __name__ == "__main__":
    main()
