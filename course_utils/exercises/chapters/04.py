"""Exercises and quiz of chapter 04, MedMNIST classification."""

import numpy as np

from course_utils.exercises.model import Exercise, Question


def prepare(images):
    return images.astype("float32") / 255


def _accept_prepared(result, images):
    if not isinstance(result, np.ndarray) or result.dtype != np.float32:
        kind = result.dtype if isinstance(result, np.ndarray) else type(result).__name__
        return f"an array of float32 is wanted; yours is {kind}."
    if result.shape != images.shape:
        return f"the shape should stay {images.shape}; yours is {result.shape}."
    if not np.allclose(result, images / 255, atol=1e-6):
        return f"values from 0 to 1 are wanted, 255 becoming 1; 255 becomes {result[images == 255].max():.4g}."
    return None


def _rng_images():
    return np.random.default_rng(0).integers(0, 256, (3, 4, 4, 1), dtype="uint8")


def head(task, n_classes):
    return {
        "binary-class": (1, "sigmoid"),
        "multi-class": (n_classes, "softmax"),
        "ordinal-regression": (n_classes, "softmax"),
        "multi-label, binary-class": (n_classes, "sigmoid"),
    }[task]


def split_by_patient(patient, share, rng):
    people = rng.permutation(np.unique(patient))
    return np.isin(patient, people[: round(share * len(people))])


def _accept_split(in_validation, patient, share, rng):
    found = np.asarray(in_validation)
    if found.dtype != bool or found.shape != patient.shape:
        return f"a bool for each image is wanted, shape {patient.shape}; yours is {found.dtype} of shape {found.shape}."
    if found.all() or not found.any():
        return "all images are on one side."
    both = np.intersect1d(patient[found], patient[~found])
    if len(both):
        return f"{len(both)} patients have images on both sides, so the network is asked about people it has seen."
    n_people = len(np.unique(patient))
    got = len(np.unique(patient[found]))
    if abs(got - share * n_people) >= 1:
        return f"{got} of {n_people} patients are in the validation part; {share:.0%} of them are wanted."
    if got > 1 and set(patient[found]) == set(np.unique(patient)[:got]):
        return "you always take the patients with the lowest numbers. Numbers are given by date or place: draw them."
    return None


def rates(y_true, y_pred):
    sensitivity = (y_pred[y_true == 1] == 1).mean()
    specificity = (y_pred[y_true == 0] == 0).mean()
    return sensitivity, specificity


def screening_threshold(y_true, score, wanted):
    sick = np.sort(score[y_true == 1])
    needed = int(np.ceil(wanted * len(sick)))
    return sick[-needed]


def ppv(sensitivity, specificity, prevalence):
    true_alarms = sensitivity * prevalence
    false_alarms = (1 - specificity) * (1 - prevalence)
    return true_alarms / (true_alarms + false_alarms)


def resample(n, rng):
    return rng.integers(0, n, n)


def _accept_resample(result, n, rng):
    found = np.asarray(result)
    if found.shape != (n,):
        return f"{n} case numbers are wanted, one for each place in the new sample; yours has shape {found.shape}."
    if found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= n:
        return f"case numbers are whole numbers from 0 to {n - 1}."
    if n < 50:
        return None
    distinct = len(np.unique(found)) / n
    if distinct == 1:
        return (
            "every case is there exactly once, so every resample gives the same score. Put each case back once drawn."
        )
    if not 0.55 < distinct < 0.72:
        return f"{distinct:.0%} of the cases are in it; drawing with replacement leaves about 63 % of them."
    return None


def _strictly_above(y_true, score, wanted):
    sick = score[y_true == 1]
    return max([0.0, *(t for t in score if (sick > t).mean() >= wanted)])


_patients = np.repeat(np.arange(100), np.arange(100) % 4 + 1)
_y = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
_score = np.array([0.913, 0.804, 0.641, 0.352, 0.227, 0.7, 0.5, 0.4, 0.2, 0.1, 0.05])
_answers = (
    np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0]),
    np.array([1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]),
    np.ones(11, int),
)

EXERCISES = [
    Exercise(
        "04.prepare",
        hints=(
            "Print images.min() and images.max() before and after. Which values does the network want, and which "
            "does it get?",
            "One division by 255 is right. The code divides twice, so that all values end up below 0.004.",
            'One line will do: return images.astype("float32") / 255',
        ),
        reference=prepare,
        cases=((_rng_images(),), (np.full((1, 2, 2, 1), 255, "uint8"),), (np.eye(3, dtype="uint8") * 255,)),
        mistakes={
            "the images are still divided by 255 twice: white is 1/255 now, and the network sees only black.": (
                "/ 255 → / 255 / 255"
            ),
            "the values still go up to 255. Divide by 255, once.": "/ 255 →",
            "whole numbers are divided and rounded down, so that only 0 and 1 are left. Use / and floats.": (
                lambda images: images // 255
            ),
            "you divide by the largest value found, so that the same grey means something else in each set of "
            "images. Divide by 255.": "255 → max(images[:1].max(), 1)",
            "that gives numbers from -1 to 1, which would do for a network; here 0 to 1 is asked for.": (
                "/ 255 → / 127.5 - 1"
            ),
            "white should become exactly 1. The largest value is 255, since counting begins at 0; you divide by 256.": (
                "255 → 256"
            ),
            "you subtract the mean and divide by the spread: the same grey means something else in each set of "
            "images. Divide by 255.": (
                lambda images: ((images - images.mean()) / (images.std() + 1e-9)).astype("float32")
            ),
        },
        accept=_accept_prepared,
    ),
    Exercise(
        "04.patient_split",
        hints=(
            "Draw patients, not images. np.unique(patient) is the list of people.",
            "Shuffle the people with rng.permutation and take the first round(share * number of people) of them.",
            "An image is in the validation part if its patient is among the chosen ones: np.isin(patient, chosen).",
        ),
        reference=split_by_patient,
        cases=(
            (_patients, 0.3, np.random.default_rng(1)),
            (_patients, 0.55, np.random.default_rng(3)),
            (np.array([7, 7, 7, 9, 9, 12, 15, 15, 20, 20, 21, 3]), 0.5, np.random.default_rng(2)),
        ),
        mistakes={
            "you drew images, so that one patient has images on both sides. Draw patients.": (
                lambda patient, share, rng: rng.random(len(patient)) < share
            ),
            "you take the first rows of the table. Neither does that keep a patient together, nor are the first ones "
            "a fair sample.": lambda patient, share, rng: np.arange(len(patient)) < share * len(patient),
            "you mark the training part; the validation part is wanted.": "return → return ~",
            "some patients are drawn twice, so that too few are in validation. Draw without replacement.": (
                lambda patient, share, rng: np.isin(
                    patient, rng.choice(np.unique(patient), round(share * len(np.unique(patient))))
                )
            ),
            "you split at one place of the list of patients. The first ones are no fair sample: draw them.": (
                "rng.permutation(np.unique(patient)) → np.unique(patient)"
            ),
        },
        accept=_accept_split,
        seeded=True,
    ),
    Exercise(
        "04.head",
        hints=(
            "How many numbers must come out, and may more than one of them be a yes at the same time?",
            "One yes-or-no question needs one sigmoid. One class out of K needs K numbers that add up to 1.",
            "Findings that may all be there at once are n_classes yes-or-no questions: n_classes outputs, sigmoid. "
            "Grades "
            "are treated as classes, as the MedMNIST benchmark does: n_classes outputs, softmax.",
        ),
        reference=head,
        cases=(
            ("binary-class", 2),
            ("multi-class", 8),
            ("multi-class", 11),
            ("multi-label, binary-class", 14),
            ("ordinal-regression", 5),
        ),
        mistakes={
            "softmax makes the findings compete: their probabilities add up to 1, though a patient may have several "
            "at once, or none.": 'n_classes, "sigmoid" → n_classes, "softmax"',
            "a sigmoid for each class lets a cell be of two classes at once. Where exactly one is right, the outputs "
            "should add up to 1.": lambda task, k: (1 if task == "binary-class" else k, "sigmoid"),
            "a softmax over a single number is always exactly 1.": '1, "sigmoid" → 1, "softmax"',
            "two outputs for one yes-or-no question would do with a softmax, but one is enough: with one sigmoid, p "
            "of the other class is 1 - p.": '1, "sigmoid" → 2, "sigmoid"',
            "two outputs and a softmax would do for a yes or no, too. But one number is enough, since the other "
            "probability is 1 - p. What makes a probability of a single number?": '1, "sigmoid" → n_classes, "softmax"',
            'the name "multi-label, binary-class" contains "binary-class", and your function takes one for the '
            "other.": 'n_classes, "sigmoid" → 1, "sigmoid"',
            "one number for the grade would be possible. But here, as in the MedMNIST benchmark, grades are classes.": (
                'regression": (n_classes, "softmax" → regression": (1, "sigmoid"'
            ),
            "in multi-class tasks exactly one class is right, so the outputs should add up to 1.": (
                'multi-class": (n_classes, "softmax" → multi-class": (n_classes, "sigmoid"'
            ),
        },
    ),
    Exercise(
        "04.rates",
        hints=(
            "Sensitivity looks at the sick alone, specificity at the healthy alone.",
            "y_pred[y_true == 1] are the answers given to the sick.",
            "sensitivity = (y_pred[y_true == 1] == 1).mean(), and the same with 0 for the specificity.",
        ),
        reference=rates,
        cases=tuple((_y, answers) for answers in _answers),
        mistakes={
            "these are the two in the wrong order: sensitivity comes first. (Mind that 1 means sick here.)": (
                "return sensitivity, specificity → return specificity, sensitivity"
            ),
            "these are PPV and NPV: of the alarms, how many are right. Turn it round: of the sick, how many are "
            "found.": lambda y, p: ((y[p == 1] == 1).mean(), (y[p == 0] == 0).mean()),
            "your second number is the PPV, the share of the alarms that are right. Specificity asks which share of "
            "the healthy is left in peace.": "y_pred[y_true == 0] == 0 → y_true[y_pred == 1] == 1",
            "your first number is the share of the sick who are missed; wanted is the share found.": (
                "return sensitivity, specificity → return 1 - sensitivity, specificity"
            ),
            "these are counts. Divide by how many sick, and how many healthy people there are.": (
                lambda y, p: (int(((p == 1) & (y == 1)).sum()), int(((p == 0) & (y == 0)).sum()))
            ),
            "these are percentages; shares from 0 to 1 are wanted.": (
                "return sensitivity, specificity → return 100 * sensitivity, 100 * specificity"
            ),
            "your first number is the share of the alarms that are right: precision, or PPV. Sensitivity asks which "
            "share of the sick is found.": "y_pred[y_true == 1] == 1 → y_true[y_pred == 1] == 1",
            "your first number is the accuracy over everybody. Sensitivity looks at the sick alone.": (
                "y_pred[y_true == 1] == 1 → y_pred == y_true"
            ),
            "your second number is the share of false alarms among the healthy, 1 - specificity.": (
                "return sensitivity, specificity → return sensitivity, 1 - specificity"
            ),
        },
    ),
    Exercise(
        "04.threshold",
        hints=(
            "Only the scores of the sick matter here. How many of them must be at or above the threshold?",
            "needed = ceil(wanted * number of sick). Sort the scores of the sick, the highest last.",
            "The needed-th score from the top: np.sort(score[y_true == 1])[-needed].",
        ),
        reference=screening_threshold,
        cases=((_y, _score, 0.75), (_y, _score, 1.0), (_y, _score, 0.61), (_y, _score, 0.5), (_y, _score, 0.8)),
        mistakes={
            "with the lowest score of the sick you always find all of them, at the price of more false alarms than "
            "the wanted sensitivity asks for.": "-needed → 0",
            "you use the scores of everybody. Sensitivity depends on the sick alone.": "score[y_true == 1] → score",
            "you use the scores of the healthy: that sets the specificity.": "y_true == 1 → y_true == 0",
            "at the threshold itself there is an alarm, too (at least, not above). You go one score lower than "
            "needed.": _strictly_above,
            "you return the wanted sensitivity itself. The threshold is a score, found among the scores of the sick.": (
                "sick[-needed] → wanted"
            ),
            "one sick case fewer is found than is wanted: round the number needed up, not down.": (
                "int(np.ceil(wanted * len(sick))) → max(int(wanted * len(sick)), 1)"
            ),
            "the threshold is one case too high or interpolated between cases, so that the wanted sensitivity is not "
            "reached. Take a score that occurs.": lambda y, s, w: np.quantile(s[y == 1], 1 - w),
        },
    ),
    Exercise(
        "04.ppv",
        hints=(
            "Imagine 1,000 people. How many are sick? How many of those give an alarm? And how many of the healthy do?",
            "True alarms are sensitivity * prevalence, false alarms (1 - specificity) * (1 - prevalence).",
            "PPV = true alarms / (true alarms + false alarms). This is Bayes' rule.",
        ),
        reference=ppv,
        cases=((0.9, 0.8, 0.27), (0.9, 0.8, 0.005), (0.95, 0.99, 0.5), (0.7, 1.0, 0.1)),
        mistakes={
            "you return the sensitivity: the share of the sick who give an alarm. Wanted is the share of alarms that "
            "are sick.": lambda se, sp, pr: se,
            "this holds if sick and healthy are equally many: the prevalence is missing, or false alarms are not "
            "counted among the healthy, who are 1 - prevalence.": lambda se, sp, pr: se / (se + 1 - sp),
            "the false alarms are 1 - specificity of the healthy, and you used the specificity itself.": (
                "(1 - specificity) → specificity"
            ),
            "those are the true alarms among everybody. Divide by all alarms, true and false.": (
                "/ (true_alarms + false_alarms) →"
            ),
            "this is the share of false alarms among all alarms, 1 - PPV.": "return true_alarms → return false_alarms",
            "you give a percentage; a share from 0 to 1 is wanted.": "return → return 100 *",
            "this is the NPV, the share of the all-clears that are healthy.": (
                lambda se, sp, pr: sp * (1 - pr) / (sp * (1 - pr) + (1 - se) * pr)
            ),
        },
    ),
    Exercise(
        "04.resample",
        hints=(
            "A bootstrap sample is as large as the data, and some cases are in it twice while others are missing.",
            "What is drawn must be put back before the next draw. Which of rng's functions does that?",
            "rng.integers(0, n, n), or rng.choice(n, n): by default, choice puts back.",
        ),
        reference=resample,
        cases=((200, np.random.default_rng(0)), (1000, np.random.default_rng(1)), (1, np.random.default_rng(2))),
        mistakes={
            "you shuffle: every case is there once, and the score of the shuffled cases is the score of all, each "
            "time. Draw with replacement.": lambda n, rng: rng.permutation(n),
            "you leave cases out and repeat none: a smaller sample gives a wider interval than the data deserve.": (
                lambda n, rng: rng.permutation(n)[: max(n // 2, 1)]
            ),
            "those are numbers between 0 and 1; places in the data are wanted, whole numbers from 0 to n - 1.": (
                lambda n, rng: rng.random(n)
            ),
            "places count from 0, so the last is n - 1. rng.integers(0, n, n) stops before n.": "0, n → 1, n + 1",
            "the last case is never drawn: rng.integers stops before its upper end.": "0, n → 0, n - 1",
        },
        accept=_accept_resample,
        seeded=True,
    ),
]

QUIZ = [
    Question(
        "In BreastMNIST, label 0 means malignant and label 1 normal or benign. If we forget that and report the "
        "sensitivity of label 1, we report",
        {
            "the same number as for label 0, since sensitivity, like AUC, is symmetric.": (
                "AUC is, but sensitivity is not: it would be the share of benign cases recognised."
            ),
            "✓ the share of harmless cases that are recognised as harmless.": (
                "Right. For the cancers that is the specificity. Always say which class is the positive one."
            ),
            "an error message.": (
                "No program notices. That is why it happens, and why we set the positive class at once."
            ),
        },
    ),
    Question(
        "After 20 epochs the training loss still falls while the validation loss has been rising since epoch 8. We",
        {
            "go on: lower training loss is better.": (
                "What is learned now are the training images themselves; new images profit less and less."
            ),
            "start again with a larger network.": "A larger one memorises even more easily.",
            "✓ take the weights of epoch 8.": (
                "Right: that is early stopping with the best epoch restored. More varied images would help, too."
            ),
        },
    ),
    Question(
        "Each patient has five images, and images are split at random. As a figure for new patients the AUC is",
        {
            "✓ too good, because patients are on both sides.": (
                "Right. Recognising the patient is easier than recognising the disease."
            ),
            "too low, because the test set is mixed.": "Mixing helps the network: it has met these very people.",
            "right on average, since random is fair.": (
                "Fair for images. But the question is how it does on new patients, and these are not new."
            ),
        },
    ),
    Question(
        "A screening test has a sensitivity of 90 % and a specificity of 90 %. One woman in 200 has the disease. Of "
        "100 alarms, about how many are right?",
        {
            "90": (
                "That is the sensitivity: of 100 sick women, 90 give an alarm. The question goes the other way. Count "
                "both kinds of alarm among 1,000 women, of whom 5 are sick."
            ),
            "50": "Count: 1,000 women, 5 of them sick. How many of the 995 healthy ones give an alarm?",
            "✓ 4": "Right: 4.5 true alarms among 1,000 women against 99.5 false ones.",
        },
    ),
    Question(
        "A chest image may show several of fourteen findings at once. The last layer has",
        {
            "✓ 14 sigmoid outputs, each with its own yes or no.": (
                "Right: multi-label means fourteen independent questions."
            ),
            "a softmax over 14 classes, whose outputs add up to 1 for each image.": (
                "Then the findings compete, and two of them can never both be likely."
            ),
            "one output between 0 and 14.": "Findings are not amounts of one thing.",
        },
    ),
    Question(
        "On 156 test images the AUC is 0.91 with a 95 % interval from 0.85 to 0.95. A paper reports 0.919. We have",
        {
            "lost: 0.91 < 0.919.": (
                "The interval says that another 156 images could move our figure by several hundredths."
            ),
            "✓ not shown a difference either way.": (
                "Right: 0.919 lies inside the interval, and it has an unknown interval of its own."
            ),
            "won: our interval reaches 0.95.": (
                "The interval's upper end is not a result. It says what is still compatible with the data."
            ),
        },
    ),
]
