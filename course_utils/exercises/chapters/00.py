"""Exercises and quiz of chapter 00, Start here."""

import numpy as np

from course_utils.exercises.model import Exercise, Question


def majority_accuracy(labels):
    return np.bincount(labels).max() / len(labels)


def most_confident_error(y, p):
    wrong = (p >= 0.5) != (y == 1)
    confidence = np.maximum(p, 1 - p)
    sure_and_wrong = np.where(wrong, confidence, -1.0)
    return np.argmax(sure_and_wrong)


EXERCISES = [
    Exercise(
        "00.majority",
        hints=(
            "How often is the most frequent label among all labels? That share is the accuracy of always giving it.",
            "np.bincount(labels) counts each label; the largest count is what the lazy answer gets right.",
            "counts = np.bincount(labels), and then: return counts.max() / len(labels)",
        ),
        reference=majority_accuracy,
        cases=(
            (np.array([0, 1, 1, 0, 1]),),
            (np.array([0, 0, 0, 0, 1]),),
            (np.array([2, 2, 1, 0, 2, 1]),),
            (np.array([5, 0, 5, 1, 3, 2, 4]),),
            (np.array([3, 3]),),
        ),
        mistakes={
            "you return the most frequent label itself. Return how often it is right, as a share of all cases.": (
                ".max() / len(labels) → .argmax()"
            ),
            "you return how many cases it gets right. Divide by the number of cases to get a share.": "/ len(labels) →",
            "you return the share of wrong answers; the share of right ones is wanted.": "return → return 1 -",
            "you give a percentage; a share from 0 to 1 is wanted.": "return → return 100 *",
            "you return the share of every label. Only the largest of them is wanted.": ".max() →",
            "this holds for two labels, 0 and 1, only. There may be more: count each label.": (
                lambda labels: max(labels.mean(), 1 - labels.mean())
            ),
            "you return the mean of the labels. With 0 and 1 that is the share of ones, but the most frequent label "
            "may be another.": lambda labels: labels.mean(),
            "you count on 1 being the most frequent label; here and there it is another.": (
                lambda labels: (labels == 1).mean()
            ),
            "you count on 0 being the most frequent label; here and there it is another.": (
                lambda labels: (labels == 0).mean()
            ),
            "you take the first label for the most frequent one; here and there it is another.": (
                lambda labels: (labels == labels[0]).mean()
            ),
            "you leave labels above 2 out; there may be more of them: 0, 1, 2, 3 and so on.": (
                lambda labels: max((labels == k).mean() for k in range(3))
            ),
            "with two labels the lazy answer is right in half of the cases at least. With more it can be less.": (
                lambda labels: max(0.5, majority_accuracy(labels))
            ),
            "// drops everything after the point; divide with /.": "/ → //",
            "almost: do not round.": lambda labels: np.round(majority_accuracy(labels), 2),
        },
    ),
    Exercise(
        "00.confident_error",
        hints=(
            "Two things are needed for each case: was the answer wrong, and how sure was the network?",
            "Its answer is p >= 0.5, the truth y == 1: wrong is where these two differ. And it is sure when p is "
            "near 1, but also when p is near 0.",
            "confidence = np.maximum(p, 1 - p). Give the right answers a confidence of -1, so that they never win: "
            "return np.argmax(np.where(wrong, confidence, -1))",
        ),
        reference=most_confident_error,
        cases=(
            (np.array([1, 0, 1, 0]), np.array([0.95, 0.70, 0.20, 0.10])),
            (np.array([0, 0, 1]), np.array([0.80, 0.99, 0.60])),
            (np.array([1, 1, 0, 0]), np.array([0.45, 0.05, 0.60, 0.02])),
            (np.array([1, 0, 0, 1, 1]), np.array([0.95, 0.70, 0.60, 0.10, 0.90])),
            (np.array([1, 0, 1]), np.array([0.90, 0.50, 0.50])),
            (np.array([1, 0]), np.array([0.90, 0.90])),
            (np.array([0, 1, 0]), np.array([0.951, 0.100, 0.954])),
        ),
        mistakes={
            "you found the most confident answer of all, but that one may be right. Look among the wrong ones only.": (
                "argmax(sure_and_wrong) → argmax(confidence)"
            ),
            'you look only for a high p. A network that says p = 0.02 is just as sure: it says "no".': (
                "np.maximum(p, 1 - p) → p"
            ),
            "you found the highest p. Look among the wrong answers only, and mind that a low p is confident too.": (
                "argmax(sure_and_wrong) → argmax(p)"
            ),
            "you give the place among the wrong answers. Wanted is the place among all cases: np.flatnonzero(wrong) "
            "tells which cases these are.": "argmax(sure_and_wrong) → argmax(confidence[wrong])",
            "you give the confidence itself; wanted is the number of the case, its place in the array.": (
                "np.argmax(sure_and_wrong) → confidence[wrong].max()"
            ),
            "you count the errors; wanted is the number of one case, its place in the array.": (
                "np.argmax(sure_and_wrong) → wrong.sum()"
            ),
            "you give the first of the wrong answers; the most confident of them is wanted.": (
                "np.argmax(sure_and_wrong) → np.flatnonzero(wrong)[0]"
            ),
            "almost: p = 0.5 counts as a yes (p >= 0.5, not p > 0.5).": ">= → >",
            "almost: where a right answer is just as confident as the wrong one, you give the right one.": (
                "argmax(sure_and_wrong) → argmax(confidence == confidence[wrong].max())"
            ),
            "you give the last of the wrong answers; the most confident of them is wanted.": (
                "np.argmax(sure_and_wrong) → np.flatnonzero(wrong)[-1]"
            ),
            "you round before you compare: 0.951 and 0.954 then look the same.": (
                "np.maximum(p, 1 - p) → np.round(np.maximum(p, 1 - p), 1)"
            ),
            "you found the least confident of the wrong answers; the most confident one is wanted.": (
                "np.argmax(sure_and_wrong) → np.argmin(np.where(wrong, confidence, 2.0))"
            ),
        },
    ),
]

QUIZ = [
    Question(
        "20 of 100 patients have the disease. A program is right for 75 of them. That is",
        {
            "a fair result: it is close to the 80 who are healthy.": (
                "Close, and below: somebody who says no to everybody reaches those 80 without looking."
            ),
            "✓ a poor result: somebody who has seen none of them can do better.": (
                "Right. Saying no to everybody is right for 80. That is why no accuracy is read without this baseline."
            ),
            "a good result: tossing a coin would be right for 50 only.": (
                "A coin is too weak an opponent. Somebody who says no to everybody overlooks all the sick, and is "
                "right for 80."
            ),
        },
    ),
    Question(
        "A model has an AUC of 0.87. So",
        {
            "of 100 pairs of images with the same finding, 87 get nearly the same score.": (
                "AUC compares images with *different* findings: which of the two gets the higher score."
            ),
            "of 100 malignant cases, 87 are found, if the line between yes and no is set well.": (
                "How many are found depends on where we draw the line. AUC draws none."
            ),
            "✓ of 100 pairs of a malignant and a benign case, 87 are in the right order.": (
                "Right. It measures the order only; 0.5 is guessing and 1 is perfect."
            ),
        },
    ),
    Question(
        "On the same 156 images, model A has an AUC of 0.88 and model B one of 0.86. A minus B is 0.02 (−0.02 to "
        "0.06). We may say:",
        {
            "✓ Which one is better is open: 0 lies inside the interval.": (
                "Right. A difference that chance alone could make is no reason to prefer either, or to call them equal."
            ),
            "A is better: most of the interval lies above 0.": (
                "Part of it lies below. With other patients it may well be the other way round."
            ),
            "They are equally good: the two differ by less than 0.06.": (
                "In AUC 0.06 is a lot. No difference seen is not the same as no difference."
            ),
        },
    ),
    Question(
        "Somebody trains five networks, looks at the AUC of each on the test images, and reports the best: 0.90. For "
        "tomorrow's patients we expect of this network",
        {
            "0.90, since none of the five was trained on test images.": (
                "It did not learn from them, but it was chosen by them. The luckiest of five looks better than it is."
            ),
            "less, since test images are easier than patients.": (
                "Less is right; but that they are easier, nobody has shown. The reason lies in the choice."
            ),
            "0.90 on average, since its 95 % interval lies around 0.90.": (
                "That holds for one network named beforehand. The choice flatters the value and its interval alike."
            ),
            "✓ less, since it was also chosen for its luck.": (
                "Right. Choices belong to the validation images; the test images are then still strangers."
            ),
        },
    ),
    Question(
        "25 epochs of training give 25 versions of the network. In this chapter, `fit` kept the one with",
        {
            "the highest AUC on the validation images.": (
                "That would be a fair choice, too; but on 78 images an AUC moves in coarse steps, and the chapter "
                "took another."
            ),
            "✓ the lowest loss on the validation images.": (
                "Right. It has not learned from these, and the test images stay untouched for the end."
            ),
            "the highest AUC on the test images.": (
                "Then the test images would have chosen, and their result would look too good."
            ),
        },
    ),
]
