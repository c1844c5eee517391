"""Exercises and quiz of chapter 00, Start here."""

import numpy as np

from course_utils.exercises import Exercise, Question


def majority_accuracy(labels):
    return np.bincount(labels).max() / len(labels)


def most_confident_error(y, p):
    wrong = (p >= 0.5) != (y == 1)
    confidence = np.maximum(p, 1 - p)
    return int(np.argmax(np.where(wrong, confidence, -1.0)))


EXERCISES = [
    Exercise(
        "00.majority",
        hints=(
            "How often is the most frequent label among all labels? That share is the accuracy of always giving it.",
            "np.bincount(labels) counts each label; the largest count is what the lazy answer gets right.",
            "Divide the largest count by how many labels there are: counts.max() / len(labels).",
        ),
        reference=majority_accuracy,
        cases=(
            (np.array([0, 1, 1, 1]),),
            (np.array([0, 0, 0, 0, 1]),),
            (np.array([2, 2, 1, 0, 2, 1]),),
        ),
        mistakes={
            "you return the most frequent label itself. Return how often it is right, as a share of all cases.": (
                lambda labels: np.bincount(labels).argmax()
            ),
            "you return how many cases it gets right. Divide by the number of cases to get a share.": (
                lambda labels: np.bincount(labels).max()
            ),
            "you return the mean of the labels. With 0 and 1 that is the share of ones, but the most frequent label "
            "may be another.": lambda labels: labels.mean(),
            "you count on 1 being the most frequent label; here and there it is another.": (
                lambda labels: (labels == 1).mean()
            ),
        },
    ),
    Exercise(
        "00.confident_error",
        hints=(
            "Two things are needed for each case: was the answer wrong, and how sure was the network?",
            "Its answer is p >= 0.5. It is sure when p is near 1, but also when p is near 0: the confidence is the "
            "larger of p and 1 - p.",
            "Give the right answers a confidence of -1 with np.where(wrong, confidence, -1), and take np.argmax.",
        ),
        reference=most_confident_error,
        cases=(
            (np.array([1, 0, 1, 0]), np.array([0.95, 0.70, 0.20, 0.10])),
            (np.array([0, 0, 1]), np.array([0.80, 0.99, 0.60])),
            (np.array([1, 1, 0, 0]), np.array([0.45, 0.05, 0.60, 0.02])),
        ),
        mistakes={
            "you found the most confident answer of all, but that one may be right. Look among the wrong ones only.": (
                lambda y, p: int(np.argmax(np.maximum(p, 1 - p)))
            ),
            'you look only for a high p. A network that says p = 0.02 is just as sure: it says "no".': (
                lambda y, p: int(np.argmax(np.where((p >= 0.5) != (y == 1), p, -1.0)))
            ),
            "you found the highest p. Look among the wrong answers only, and mind that a low p is confident too.": (
                lambda y, p: int(np.argmax(p))
            ),
            "you found the least confident of the wrong answers; the most confident one is wanted.": (
                lambda y, p: int(np.argmin(np.where((p >= 0.5) != (y == 1), np.maximum(p, 1 - p), 2.0)))
            ),
        },
    ),
]

QUIZ = [
    Question(
        "A test set holds 73 benign and 27 malignant cases. A program that always answers 'benign' has an accuracy of",
        (
            ("50 %, since it only guesses.", "It does not toss a coin: it is right for every benign case."),
            ("73 %, and finds no cancer at all.", "Right. That is why no accuracy is read without this baseline."),
            ("0 %, since it has learned nothing.", "It has learned nothing, and is still right for 73 of 100."),
        ),
        "b",
    ),
    Question(
        "An AUC of 0.87 means:",
        (
            (
                "87 % of the cases are classified correctly.",
                "That would be accuracy. AUC needs no threshold and does not count right answers.",
            ),
            ("87 % of the cancers are found.", "That would be sensitivity, which depends on a threshold."),
            (
                "Of a random malignant and a random benign case, the malignant one gets the higher score with a "
                "probability of 87 %.",
                "Right. It measures the ranking only; 0.5 is guessing and 1 is perfect.",
            ),
        ),
        "c",
    ),
    Question(
        "Two models have test AUCs of 0.88 (0.82 to 0.93) and 0.86 (0.80 to 0.92) on the same 156 images. We may say:",
        (
            (
                "Not which one is better: the difference is small beside what chance alone does.",
                "Right. With so few cases the intervals are wide, and these overlap almost entirely.",
            ),
            ("The first one is better.", "On these images it was; on the next 156 it may well be the other way round."),
            (
                "They are equally good.",
                "That is not shown either. Little evidence of a difference is not evidence of no difference.",
            ),
        ),
        "a",
    ),
    Question(
        "Why is the test set looked at only once, at the very end?",
        (
            ("Because evaluating takes long.", "It takes a second. The reason is not the computer's time but ours."),
            (
                "Because the network would learn from it otherwise.",
                "Evaluating changes no weights. But we choose by what we see, and so it is we who would learn from it.",
            ),
            (
                "The law demands it.",
                "Good practice demands it, for a reason: think of what looking does to our choices.",
            ),
            (
                "Because whoever chooses by a score makes that score too good.",
                "Right. Choices belong to the validation data; the test set then is still a stranger.",
            ),
        ),
        "d",
    ),
    Question(
        "The network says 'malignant: 0.97' for a patient of another hospital, with another ultrasound machine. It is",
        (
            (
                "almost certainly cancer: 97 %.",
                "The number is what training left behind. Nobody has checked that 97 of 100 such cases are malignant.",
            ),
            (
                "a number whose meaning was never checked for such images.",
                "Right. A score holds, at best, for data like that it was tested on. No clinical use.",
            ),
            ("certainly an error.", "It may well be right. The point is that nobody knows how often it would be."),
        ),
        "b",
    ),
]
