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
            (np.array([0, 1, 1, 1]),),
            (np.array([0, 0, 0, 0, 1]),),
            (np.array([2, 2, 1, 0, 2, 1]),),
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
        },
    ),
    Exercise(
        "00.confident_error",
        hints=(
            "Two things are needed for each case: was the answer wrong, and how sure was the network?",
            "wrong = (p >= 0.5) != (y == 1). And it is sure when p is near 1, but also when p is near 0: "
            "confidence = np.maximum(p, 1 - p).",
            "Give the right answers a confidence of -1, so that they never win: "
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
            "you found the least confident of the wrong answers; the most confident one is wanted.": (
                "np.argmax(sure_and_wrong) → np.argmin(np.where(wrong, confidence, 2.0))"
            ),
        },
    ),
]

QUIZ = [
    Question(
        "A test set holds 73 benign and 27 malignant cases. A program that always answers 'benign' has an accuracy of",
        {
            "50 %, since it only guesses.": "It does not toss a coin: it is right for every benign case.",
            "✓ 73 %, and finds no cancer at all.": "Right. That is why no accuracy is read without this baseline.",
            "0 %, since it has learned nothing.": "It has learned nothing, and is still right for 73 of 100.",
        },
    ),
    Question(
        "An AUC of 0.87 means:",
        {
            "87 % of all cases, benign and malignant together, are classified correctly.": (
                "That would be accuracy. AUC counts no right answers; it asks who gets the higher score."
            ),
            "87 % of the cancers are found, and 13 % of them are overlooked by the program.": (
                "How many are found depends on where we draw the line. AUC draws none."
            ),
            "✓ Of a random malignant and a random benign case, the malignant one gets the higher score with a "
            "probability of 87 %.": "Right. It measures the ranking only; 0.5 is guessing and 1 is perfect.",
        },
    ),
    Question(
        "Two models have test AUCs of 0.88 (0.82 to 0.93) and 0.86 (0.80 to 0.92) on the same 156 images. We may say:",
        {
            "✓ Not which one is better: the difference is small beside what chance alone does.": (
                "Right. A difference of 0.02 is small beside intervals of 0.11 and more. To be sure, one would look "
                "at the interval of the difference itself, as in this chapter."
            ),
            "The first one is better, since its AUC is higher and its interval reaches further up.": (
                "On these images it was; on the next 156 it may well be the other way round."
            ),
            "They are equally good.": (
                "That is not shown either. Little evidence of a difference is not evidence of no difference."
            ),
        },
    ),
    Question(
        "Why is the test set looked at only once, at the very end?",
        {
            "Because evaluating takes long.": "It takes a second. The reason is not the computer's time but ours.",
            "Because the network would learn the test images by heart if it were shown them twice.": (
                "Testing changes nothing in the network. But we see the result and change our plans: we learn from it."
            ),
            "The law demands it.": "Good practice demands it, for a reason: think of what looking does to our choices.",
            "✓ Because a model chosen by its result there looks too good.": (
                "Right. Choices belong to the validation images; the test images then are still strangers."
            ),
        },
    ),
    Question(
        "The network says 'malignant: 0.97' for a patient of another hospital, with another ultrasound machine. It is",
        {
            "almost certainly cancer: of 100 such patients, 97 have it.": (
                "It looks like a probability, but nobody has checked that 97 of 100 such cases are malignant."
            ),
            "✓ a number whose meaning was never checked for such images.": (
                "Right. A score holds, at best, for data like that it was tested on. No clinical use."
            ),
            "certainly an error.": "It may well be right. The point is that nobody knows how often it would be.",
        },
    ),
]
