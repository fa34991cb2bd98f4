package io.fundamentallm.runtime.cpu.train.checkpoint;

import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which settings of a training may differ from those of the checkpoint that it resumes: the ones
 * that the plan names as changed, if they can change.
 */
public final class SettingChanges {
  /**
   * What can change between two steps: all but what determines the shapes of a checkpoint's arrays.
   */
  private static final Set<String> CHANGEABLE =
      Set.of(
          "accumulation",
          "batchSize",
          "data.replay",
          "data.replay.share",
          "data.tokenizer",
          "data.training",
          "data.validation",
          "epochs",
          "gradientClip",
          "learningRate",
          "minimumLearningRate",
          "precision",
          "objective.documentBoundaries",
          "objective.dropout",
          "objective.ignoreIndex",
          "objective.labelSmoothing",
          "objective.scheduledSampling",
          "objective.zLoss",
          "schedule",
          "seed",
          "steps",
          "undecayed",
          "validation.interval",
          "validation.keepBest",
          "validation.minimumImprovement",
          "validation.patience",
          "validation.windows",
          "warmupSteps",
          "weightDecay",
          "windows");

  /** What cannot change where pairs are compared: a checkpoint's reference is of these pairs. */
  private static final Set<String> OF_PAIRS =
      Set.of("data.tokenizer", "data.training", "data.validation");

  /**
   * If one of these differs, losses of evaluations are not comparable, or no best model was kept.
   */
  private static final Set<String> MEASURE =
      Set.of(
          "data.tokenizer",
          "data.validation",
          "objective.documentBoundaries",
          "objective.ignoreIndex",
          "validation.keepBest",
          "validation.windows",
          "windows");

  /** These change nothing if nothing depends on an evaluation. */
  private static final Set<String> OBSERVATION_ONLY =
      Set.of("validation.interval", "validation.minimumImprovement", "validation.windows");

  private SettingChanges() {}

  /**
   * Checks that what a plan names as changed can change.
   *
   * @param pairs whether the loss compares pairs with what the first model said of them
   * @throws IllegalArgumentException for any other name; says which there are
   */
  public static void requireChangeable(Set<String> changed, boolean pairs) {
    for (String name : changed) {
      if (pairs && OF_PAIRS.contains(name)) {
        throw new IllegalArgumentException(
            "\""
                + name
                + "\" cannot be changed when resuming with the loss dpo: the checkpoint holds what"
                + " the model that training started from said of its own pairs; start a new"
                + " training from the tuned model");
      }
      if (!CHANGEABLE.contains(name)) {
        throw new IllegalArgumentException(
            "\""
                + name
                + "\" cannot be changed when resuming; these can: "
                + String.join(", ", new TreeSet<>(CHANGEABLE)));
      }
    }
  }

  /**
   * Checks that a training may resume a checkpoint.
   *
   * @param written the checkpoint's settings
   * @param current those of the training
   * @param changed by name, what may differ
   * @return what differs, including what has no effect now
   * @throws IOException when something else does; names it, with both values
   */
  static Set<String> between(
      TrainingSettings written, TrainingSettings current, Set<String> changed) throws IOException {
    Map<String, String> before = written.values();
    Map<String, String> values = current.values();
    Set<String> all = new TreeSet<>();
    List<String> refused = new ArrayList<>();
    List<String> changeable = new ArrayList<>();
    List<String> fixed = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>(values.keySet());
    names.addAll(before.keySet()); // without adapters, for example, there is no rank
    Set<String> following = new LinkedHashSet<>(); // differs where what is named does
    if (changed.contains("epochs") && !Objects.equals(values.get("epochs"), before.get("epochs"))) {
      following.add("steps");
    }
    if (changed.contains("steps") || following.contains("steps")) {
      following.add("warmupSteps"); // a part of the steps, unless it is set
    }
    for (String name : names) {
      String then = before.getOrDefault(name, "none");
      String now = values.getOrDefault(name, "none");
      boolean steps = name.equals("schedule") && changed.contains("steps");
      if (same(then, now) || (steps && TrainingSettings.sameButChoices(then, now))) {
        continue;
      }
      all.add(name);
      if (matters(name, values) && !changed.contains(name) && !following.contains(name)) {
        refused.add(name + " " + then + " and not " + now);
        (changeable(name, values) ? changeable : fixed).add(name);
      }
    }
    if (fixed.contains("vocabularySize") && changeable.remove("data.tokenizer")) {
      fixed.addAll(changeable);
      throw new IOException(
          "it has another tokenizer, data.tokenizer "
              + before.get("data.tokenizer")
              + " and not "
              + values.get("data.tokenizer")
              + ", and with it differ "
              + String.join(", ", fixed)
              + "; continue with the tokenizer that it began with, or begin a new training in"
              + " another directory");
    }
    if (!refused.isEmpty()) {
      Set<String> named = new LinkedHashSet<>(changed); // what was named stays named
      named.addAll(changeable);
      if (named.contains("steps")) {
        named.remove("warmupSteps"); // it follows them, see above
      }
      String advice =
          fixed.isEmpty()
              ? "; continue with the same, or name as changed what is to differ: "
                  + String.join(",", named)
              : "; continue with the same: " + String.join(", ", fixed) + " cannot change";
      throw new IOException("it has " + String.join("; ", refused) + advice);
    }
    return all;
  }

  private static boolean changeable(String name, Map<String, String> values) {
    boolean pairs = Recipe.name(values.getOrDefault("objective.loss", "none")).equals("dpo");
    return CHANGEABLE.contains(name) && !(pairs && OF_PAIRS.contains(name));
  }

  /** Java before 19 writes some fractions with more digits than later versions. */
  private static boolean same(String then, String now) {
    if (then.equals(now) || !fraction(then) || !fraction(now)) {
      return then.equals(now);
    }
    try {
      return Double.parseDouble(then) == Double.parseDouble(now);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Whether a text can be that of a float or double. */
  private static boolean fraction(String text) {
    return text.indexOf('.') >= 0;
  }

  private static boolean matters(String name, Map<String, String> values) {
    boolean watched =
        !"false".equals(values.get("validation.keepBest"))
            || !"0".equals(values.get("validation.patience"));
    return watched || !OBSERVATION_ONLY.contains(name);
  }

  /** Whether evaluations before and after changes are comparable. */
  static boolean comparable(Set<String> changes) {
    return changes.stream().noneMatch(MEASURE::contains);
  }
}
