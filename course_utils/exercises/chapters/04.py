"""Exercises and quiz of chapter 04, MedMNIST classification."""

import numpy as np

from course_utils.arrays import numbers
from course_utils.exercises.model import Exercise, Question


def prepare(images):
    return images.astype("float32") / 255


def _accept_prepared(result, images):
    found = np.asarray(result)
    if found.dtype != np.float32:
        return f"an array of float32 is wanted; yours is {found.dtype}."
    if found.shape != images.shape:
        return f"the shape should stay {images.shape}; yours is {found.shape}."
    off = ~np.isclose(found, images / 255, rtol=1e-5, atol=1e-6)
    if not off.any():
        return None
    grey, value = images[off][0], found[off][0]
    if np.isnan(found).any():
        return "nan stands where a number should be: is something divided by zero there?"
    if found.min() < 0 or found.max() > 1:
        return f"your values go from {found.min():.4g} to {found.max():.4g}; they should lie from 0 to 1."
    if grey == 0 or (grey == 255 and value < 0.5):
        return f"black should become 0 and white 1; a pixel of {grey} becomes {value:.4g} here."
    return (
        f"a pixel of {grey} becomes {value:.4g} here. The same grey should become the same number in all images, "
        "and greys should keep their distances."
    )


def _divided_in_place(images):
    images /= 255
    return images


def _rng_images():
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 4, 1), dtype="uint8")
    images[0, 0, 0], images[0, 0, 1] = 0, 255
    return images


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
    people, first, images = np.unique(patient, return_index=True, return_counts=True)
    drawn = found[first]  # for each patient, by number
    n, got = len(people), int(drawn.sum())
    spread = np.sqrt(share * (1 - share) / n)  # of the share, if a coin is tossed for each patient
    if abs(got / n - share) > 4.5 * spread:
        said = f"{got} of {n} patients are in the validation part; about {share:.0%} of them are wanted."
        if abs(got / n - (1 - share)) < 3 * spread:
            return f"{said} Do you mark the training part?"
        if share > 0.7 and abs(got / n - (1 - np.exp(-share))) < 3 * spread:
            return f"{said} Are some patients drawn twice?"
        return said
    if set(people[drawn]) == set(people[:got]):
        return "you always take the patients with the lowest numbers. Numbers are given by date or place: draw them."
    for order in (np.arange(n), np.argsort(first)):  # by number, by first appearance
        changes = np.mean(drawn[order][1:] != drawn[order][:-1])
        if abs(changes - 2 * share * (1 - share)) > 5 * spread:
            return (
                "on which side a patient is depends on where the one before in the list is. Neighbours in a list have "
                "the same month or ward: draw each patient on their own."
            )
    if abs(images[drawn].mean() - images.mean()) > 5 * images.std() / np.sqrt(n * share / (1 - share)):
        return "patients with many images have another chance than those with few. Draw people, not images."
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


class _Resamples:
    """Whether places are drawn with replacement and equal chances.

    One large sample does not show that a single place is never drawn. So the last cases are many samples of three
    places, whose draws are counted together: `judge` asks about the cases one after the other, from the first.
    """

    def __call__(self, result, n, rng):
        found = np.asarray(result)
        if found.dtype == object:
            return f"an array or a list of whole numbers is wanted; yours is a {type(result).__name__}."
        if found.shape != (n,):
            return f"{n} positions are wanted, one for each place in the new sample; yours has shape {found.shape}."
        if found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= n:
            return f"positions are whole numbers from 0 to {n - 1}."
        if n > FEW:
            self.counts, self.samples = np.zeros(FEW), 0
            return self._of_many(found)
        if n == FEW:
            self.counts, self.samples = self.counts + np.bincount(found, minlength=n), self.samples + 1
        expected = self.samples  # of each of the three places
        if self.samples == SAMPLES and abs(self.counts - expected).max() > 4.5 * np.sqrt(expected * (1 - 1 / FEW)):
            times = ", ".join(f"{count:.0f}" for count in self.counts)
            return f"in {SAMPLES} such samples the places 0, 1, 2 are drawn {times} times. Is each as likely?"
        return None

    def _of_many(self, found):
        n = len(found)
        distinct = len(np.unique(found)) / n
        if distinct == 1:
            return (
                "every case is there exactly once, so every resample gives the same score. Put each case back once "
                "drawn."
            )
        if abs(distinct - (1 - np.exp(-1))) > 4.5 * np.sqrt(0.097 / n):
            return f"{distinct:.0%} of the cases are in it; drawing with replacement leaves about 63 % of them."
        thrice = (np.bincount(found) >= 3).sum() / n
        if n > 1000 and abs(thrice - 0.0803) > 0.02:
            return f"{thrice:.0%} of the cases are there three times or more often; chance gives about 8 %."
        return None


FEW, SAMPLES = 3, 150


def _accept_threshold(result, y_true, score, wanted):
    try:
        t = numbers(result)
    except TypeError:
        return f"one number is wanted, the threshold; you give a {type(result).__name__}."
    if t.shape != () or isinstance(result, bool | np.bool_):
        return f"a single number is wanted; you give a {type(result).__name__} of shape {t.shape}."
    right = screening_threshold(y_true, score, wanted)
    if np.isclose(t, right, rtol=1e-6, atol=1e-9):
        return None
    sick = score[y_true == 1]
    found = int((sick >= t).sum())
    alarms = f"with {t:.6g} as the threshold, {found} of the {len(sick)} sick have an alarm"
    if found < wanted * len(sick):
        return f"{alarms}; fewer than {wanted:.0%}."
    if found > (sick >= right).sum():
        return f"{alarms}; a higher threshold still reaches {wanted:.0%}."
    return f"{alarms}, as wanted. But a somewhat higher threshold has the same alarms, and the highest is asked for."


def _strictly_above(y_true, score, wanted):
    sick = score[y_true == 1]
    return max([0.0, *(t for t in score if (sick > t).mean() >= wanted)])


def _patients(seed, n=600, gaps=False, mixed=False):
    """The patient's number for each image: one to eight images each; numbers with gaps, images mixed."""
    rng = np.random.default_rng(seed)
    people = np.sort(rng.choice(3 * n, n, replace=False)) + 10 if gaps else np.arange(n)
    images = np.repeat(people, rng.integers(1, 9, n))
    return rng.permutation(images) if mixed else images


_y = np.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
_score = np.array([0.913, 0.804, 0.641, 0.352, 0.227, 0.7, 0.5, 0.4, 0.2, 0.1, 0.05])
_answers = (
    np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0]),
    np.array([1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]),
    np.array([1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]),
)


def _random_answers():
    """Truth and answers, in no order, with few sick people and with many."""
    for seed, (n, sick) in enumerate(((40, 0.1), (700, 0.5), (40, 0.8))):
        rng = np.random.default_rng(seed)
        y = np.append((rng.random(n) < sick).astype(int), [0, 1])
        yield y, (rng.random(n + 2) < 0.1 + 0.7 * y).astype(int)


def _random_scores():
    """Truth, scores and what is wanted, in no order: logits, probabilities, and scores with ties."""
    for seed, (n, wanted) in enumerate(((37, 0.9), (60, 0.63), (29, 0.31), (45, 0.97))):
        rng = np.random.default_rng(seed)
        y = np.append((rng.random(n) < 0.4).astype(int), [0, 1])
        logits = rng.normal(3 * y - 1, 2)
        score = (logits, 1 / (1 + np.exp(-logits)), np.round(logits), np.round(logits) / 4 - 3)[seed]
        yield y, score, wanted


EXERCISES = [
    Exercise(
        "04.prepare",
        hints=(
            "Print images.min() and images.max() before and after. Which values does the network want, and which "
            "does it get?",
            "One division by 255 is right. The code divides twice, so that all values end up below 0.004.",
            "One line will do. Change the type first, with astype; then divide, once.",
        ),
        reference=prepare,
        cases=(
            (_rng_images(),),
            (np.full((1, 2, 2, 1), 255, "uint8"),),
            (np.eye(3, dtype="uint8") * 255,),
            (_rng_images() // 3,),  # a dark set, without white
            (_rng_images() // 128,),  # an almost black one: 0 and 1
            (_rng_images() // 2 + 100,),  # without black
            (np.zeros((2, 3, 3, 3), "uint8"),),
        ),
        mistakes={
            "the images are still divided by 255 twice: white is 1/255 now, and the network sees only black.": (
                "/ 255 → / 255 / 255"
            ),
            "the values still go up to 255. Divide by 255, once.": "/ 255 →",
            "whole numbers are divided and rounded down, so that only 0 and 1 are left. Use / and floats.": (
                lambda images: images // 255
            ),
            "you divide by the largest value found, so that the same grey means something else in each set of "
            "images. Divide by 255.": "255 → max(images.max(), 1)",
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
            "you stretch what you find to 0 to 1, so that the same grey means something else in each set of images. "
            "Divide by 255.": lambda images: ((images - images.min()) / max(np.ptp(images), 1)).astype("float32"),
            "black and white have changed places.": "return images → return 1 - images",
            "you cut the values off at 1, so that all greys but black are white now. Divide by 255.": (
                'images.astype("float32") / 255 → np.clip(images, 0, 1).astype("float32")'
            ),
            "an image of uint8 that is nearly black holds no value above 1, and is scaled like the others. Not the "
            "brightness of an image decides, but the type of the numbers.": (
                "/ 255 → / (255 if images.max() > 1 else 1)"
            ),
            "uint8 holds whole numbers only, so that no share of 255 can be written into it. Make floats first.": (
                _divided_in_place
            ),
        },
        accept=_accept_prepared,
    ),
    Exercise(
        "04.patient_split",
        hints=(
            "Draw patients, not images. np.unique(patient) is the list of people.",
            "Decide about the people before you look at any image: with rng, shuffle them, or toss a coin for each.",
            "An image is in the validation part if its patient is among the people drawn. np.isin says for each number "
            "in one array whether it is in another.",
        ),
        reference=split_by_patient,
        cases=(
            (_patients(1, gaps=True, mixed=True), 0.3, np.random.default_rng(1)),
            (_patients(2), 0.8, np.random.default_rng(3)),
            (_patients(3, gaps=True), 0.55, np.random.default_rng(2)),
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
            "Findings that may all be there at once are so many yes-or-no questions, each with an answer of its own. "
            "Grades, treated as classes, exclude each other.",
        ),
        reference=head,
        cases=(
            ("binary-class", 2),
            ("multi-class", 8),
            ("multi-class", 11),
            ("multi-label, binary-class", 14),
            ("ordinal-regression", 5),
            ("multi-label, binary-class", 2),
            ("multi-label, binary-class", 5),
            ("ordinal-regression", 4),
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
            "two findings are not one yes or no: both may be there, or neither. Go by the task, not by the number.": (
                lambda task, n_classes: (1, "sigmoid") if n_classes == 2 else head(task, n_classes)
            ),
        },
    ),
    Exercise(
        "04.rates",
        hints=(
            "Sensitivity looks at the sick alone, specificity at the healthy alone.",
            "y_pred[y_true == 1] are the answers given to the sick.",
            "Which share of these is 1? The mean of an array of True and False is the share of True. For the "
            "specificity, swap 1 and 0 throughout.",
        ),
        reference=rates,
        cases=(*((_y, answers) for answers in _answers), *_random_answers()),
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
            "your numbers are rounded. Leave that to whatever prints them.": (
                "return sensitivity, specificity → return round(sensitivity, 2), round(specificity, 2)"
            ),
            "the true answers are divided by everybody. Divide each kind by its own number of people.": (
                lambda y, p: (((p == 1) & (y == 1)).mean(), ((p == 0) & (y == 0)).mean())
            ),
        },
    ),
    Exercise(
        "04.threshold",
        hints=(
            "Only the scores of the sick matter here. How many of them must be at or above the threshold?",
            "Wanted times the number of sick, rounded up, must have an alarm. np.ceil rounds up.",
            "Write the scores of the sick in order and count so many from the top. At which score do you stop?",
        ),
        reference=screening_threshold,
        cases=(
            *((_y, _score, wanted) for wanted in (0.75, 1.0, 0.61, 0.5, 0.8)),
            (_y, np.array([2.0, 1, 1, 1, -1, 1, 0, -2, -3, 3, -2]), 0.7),  # logits, with ties
            (np.array([0, 1, 0, 1, 1]), np.full(5, 0.25), 0.5),
            (np.array([0, 0, 1]), np.array([0.5, 0.25, 0.125]), 0.01),
            *_random_scores(),
        ),
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
            "several sick people may have the same score, and each of them counts. You count each score once.": (
                lambda y, s, w: np.unique(s[y == 1])[-int(np.ceil(w * len(np.unique(s[y == 1]))))]
            ),
            "your threshold is rounded, and may lie above the very score that it was to catch.": (
                "return sick[-needed] → return round(float(sick[-needed]), 2)"
            ),
            "you count how many to find among everybody. Sensitivity is a share of the sick.": (
                "wanted * len(sick) → min(wanted * len(score), len(sick))"
            ),
        },
        accept=_accept_threshold,
    ),
    Exercise(
        "04.ppv",
        hints=(
            "Imagine 1,000 people. How many are sick? How many of those give an alarm? And how many of the healthy do?",
            "The healthy are 1 - prevalence of all people. Which share of them has an alarm?",
            "True alarms are the prevalence times the sensitivity; the false ones are made in the same way. Which part "
            "of all alarms are the true ones? This is Bayes' rule.",
        ),
        reference=ppv,
        cases=((0.9, 0.8, 0.27), (0.9, 0.8, 0.005), (0.95, 0.99, 0.5), (0.7, 0.999, 0.1), (0.61, 0.37, 0.83)),
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
            "the false alarms come from the healthy alone; you count them among everybody.": "* (1 - prevalence) →",
            "your share is rounded. Leave that to whatever prints it.": (
                lambda se, sp, pr: round(se * pr / (se * pr + (1 - sp) * (1 - pr)), 2)
            ),
        },
    ),
    Exercise(
        "04.resample",
        hints=(
            "A bootstrap sample is as large as the data, and some cases are in it twice while others are missing.",
            "What is drawn must be put back before the next draw. Which of rng's functions does that?",
            "rng.integers draws whole numbers and stops before its upper end; rng.choice puts back if not "
            "told otherwise.",
        ),
        reference=resample,
        cases=(
            (200, np.random.default_rng(0)),
            (5000, np.random.default_rng(1)),
            (1, np.random.default_rng(2)),
            *((FEW, np.random.default_rng(seed)) for seed in range(10, 10 + SAMPLES)),
        ),
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
            "the last case is never drawn: cutting off the decimals of a number below n - 1 never gives n - 1.": (
                lambda n, rng: (rng.random(n) * (n - 1)).astype(int)
            ),
            "the first and the last case have half the chance of the others: rounding gives them half as much room.": (
                lambda n, rng: np.round(rng.random(n) * (n - 1)).astype(int)
            ),
            "with its end included, the upper end should be n - 1: places count from 0.": (
                lambda n, rng: rng.integers(0, n, n, endpoint=True)
            ),
        },
        accept=_Resamples(),
        seeded=True,
    ),
]

QUIZ = [
    Question(
        "In BreastMNIST, label 0 means malignant. A program takes label 1 for the disease, and nobody notices. It "
        "reports "
        "AUC, accuracy, sensitivity and specificity. Which of these are nevertheless those of the cancers?",
        {
            "the accuracy alone, as AUC becomes 1 - AUC": (
                "AUC would turn round if the labels were turned and the scores were not. Here both are those of label "
                "1, and the order of the cases is the same, read from the other end."
            ),
            "the sensitivity and the AUC, which go together": (
                "The sensitivity becomes that of the harmless cases: for the cancers it is the specificity."
            ),
            "✓ the AUC and the accuracy, which see both sides alike": (
                "Right. Sensitivity and specificity change places, PPV and NPV too, and F1 becomes another number."
            ),
        },
    ),
    Question(
        "150 patients, six images each; every patient's label is the toss of a coin. The images are split at random "
        "into training and validation. The validation AUC of a nearest-neighbour model is",
        {
            "about 0.5": ("Nothing about the coin, indeed. But there is something else to learn: who is in the image."),
            "✓ far above 0.5": (
                "Right. Section 3 shows it: five of a patient's six images may have been seen with the label."
            ),
            "clearly below 0.5": ("Learning by heart makes new patients come out at 0.5. These are not new."),
        },
    ),
    Question(
        "A network is trained with strong dropout. In the learning curves its training loss lies close to its "
        "validation loss, much closer than without dropout. Before we say that it learned less by heart, we",
        {
            "✓ measure the training loss again with nothing hidden": (
                "Right. During training it is measured with half of the answers hidden, which is a harder question."
            ),
            "measure the validation loss again with dropout on": (
                "That makes the two alike, but it judges a crippled network: in use, nothing is hidden."
            ),
            "compare with the training loss of the network without dropout": (
                "That loss was measured with nothing hidden, this one with half hidden: two different questions."
            ),
        },
    ),
    Question(
        "Five values of C were tried, and the best has the AUC 0.87 on 78 validation images. On the test images it "
        "has less. What makes the 0.87 too good, even if both sets are of the same kind?",
        {
            "C was chosen with the training images in view as well": (
                "The weights come from the training images, C from the validation images alone."
            ),
            "✓ the winner was picked by luck on these images, too": (
                "Right. Each of the five figures scatters, and the highest is likely to be one that scattered upwards."
            ),
            "78 images are too few, which makes an AUC too high": (
                "Few images make a figure scatter, up as often as down. Something else turns that into too high."
            ),
        },
    ),
    Question(
        "A threshold was set for a sensitivity of 95 % on validation images, 21 of them with the finding. On the test "
        "images the sensitivity is 0.88 (0.76 to 0.98). This shows",
        {
            "that the network has overfitted its training images": (
                "Overfitting lowers both alike: the network was trained on neither of the two sets."
            ),
            "that the promise was kept, as 0.95 lies inside": (
                "0.80 lies inside as well. What lies inside is not excluded; it is not shown either."
            ),
            "✓ too little to say: 0.95 lies inside, and so does 0.80": (
                "Right. And one image was 5 % of the sensitivity by which the threshold was set."
            ),
        },
    ),
    Question(
        "The bootstrap interval of a test AUC says how far it would vary with",
        {
            "other test patients and another training": (
                "Half of it: the network stays the same in all resamples. Another seed has to be trained to be seen."
            ),
            "✓ other test patients, the network being the same": (
                "Right. That another seed gives another network comes on top; `course bench` trains several."
            ),
            "another training, the test patients being the same": (
                "It draws test cases and trains nothing. Seeds are another source of scatter, and come on top."
            ),
        },
    ),
    Question(
        "With a test's sensitivity and specificity, measured in a breast clinic, we compute the PPV for a screening of "
        "all women, where 1 in 200 is sick. The result",
        {
            "holds, as both are shares within sick and healthy": (
                "They do not depend on how many are sick; but on who the sick and the healthy are they do."
            ),
            "holds, once the prevalence of 1 in 200 is put in": (
                "The prevalence is the easy half. Earlier tumours among the sick and few lumps among the healthy "
                "change the rates."
            ),
            "✓ is a guess, as both belong to the clinic's patients": (
                "Right: the spectrum differs. The formula moves the prevalence alone."
            ),
        },
    ),
    Question(
        "On darker copies of the same test images the AUC differs by -0.01, with a paired interval of -0.03 to 0.02. "
        "What has been shown about darkening?",
        {
            "✓ that it hardly costs more than 0.03": (
                "Right: the lower end is what these images cannot exclude. Whether it costs anything is open."
            ),
            "nothing at all, as 0 lies inside the interval": (
                "It excludes something: a loss of 0.05, say, would hardly have looked like this."
            ),
            "that it costs about 0.01, though only a little": (
                "0 lies inside the interval: these images do not even show that there is a loss."
            ),
        },
    ),
    Question(
        "For fourteen findings in chest images a network has an accuracy of 0.94. This means",
        {
            "that it gave 94 % of the images the right list": (
                "The accuracy counts each yes and no by itself, fourteen for each image."
            ),
            "that of 100 yes and no 94 are right, far more than by a coin": (
                "94 are right; but a coin is no baseline here. A network that never sees any finding may have this "
                "accuracy."
            ),
            "✓ little, until no to everything has been scored": (
                "Right: most findings are absent in most images, so no to everything is right nearly as often."
            ),
        },
    ),
]
