package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.Options;
import io.fundamentallm.training.TrainingPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a training is after each step, where its steps were chosen anew on the way. A plan has it
 * as an option of its schedule: with {@code cosine(steps="1450,1520@130,1610@600")}, 1,450 steps
 * were chosen at first, 1,520 after step 130, and 1,610, which are the plan's, after step 600. Each
 * choice only stretches or shortens what is left of the way, so what was trained before it is as if
 * it had been chosen at first. A choice during the warm-up may change that, too: with {@code
 * cosine(steps="10/1,1450@1")}, the warm-up was one step at first, and is the plan's after it.
 *
 * @param warmup steps before the way begins, as they were chosen last
 * @param choices the first and later ones, in order
 */
public record Course(int warmup, List<Choice> choices) {
  private static final String OPTION = "steps";
  private static final String NUMBER = "([1-9][0-9]{0,9})";
  private static final Pattern CHOICE =
      Pattern.compile(NUMBER + "(?:/" + NUMBER + ")?(?:@" + NUMBER + ")?");

  /**
   * A choice.
   *
   * @param step after which it was made; 0 for the first
   * @param steps in all
   * @param warmup of them
   */
  public record Choice(int step, int steps, int warmup) {}

  /**
   * The course of a plan.
   *
   * @throws IllegalArgumentException when its choices are not ones that a training can have made
   */
  static Course of(Options options, TrainingPlan plan) {
    List<Choice> choices = new ArrayList<>();
    long before = -1;
    long warmup = Long.MAX_VALUE; // of the choice before
    for (String text : options.text(OPTION, String.valueOf(plan.steps())).split(",", -1)) {
      Matcher choice = CHOICE.matcher(text);
      boolean first = choices.isEmpty();
      if (!choice.matches() || (choice.group(3) == null) != first) {
        throw refused(options, plan);
      }
      long step = first ? 0 : Long.parseLong(choice.group(3));
      long steps = Long.parseLong(choice.group(1));
      String own = choice.group(2);
      long now = own == null ? plan.warmupSteps() : Long.parseLong(own);
      boolean changed = !first && now != warmup; // which it can only before it is over
      if (step <= before
          || step >= steps
          || Math.max(steps, now) > Integer.MAX_VALUE
          || (changed && step > Math.min(now, warmup))) {
        throw refused(options, plan);
      }
      before = step;
      warmup = now;
      choices.add(new Choice((int) step, (int) steps, (int) now));
    }
    Choice last = choices.get(choices.size() - 1);
    if (last.steps() != plan.steps() || last.warmup() != plan.warmupSteps()) {
      throw refused(options, plan);
    }
    return new Course(plan.warmupSteps(), List.copyOf(choices));
  }

  private static IllegalArgumentException refused(Options options, TrainingPlan plan) {
    return new IllegalArgumentException(
        options.stage()
            + ": steps are \""
            + options.text(OPTION)
            + "\", expected the first choice and later ones with their steps, such as"
            + " \"1450,1520@130\", of which the last is the plan's "
            + plan.steps());
  }

  /** The warm-up that holds for a step. */
  int warmup(int step) {
    return before(step).warmup();
  }

  /** The steps as they were chosen when the way began. */
  int afterWarmup() {
    return before(warmup + 1).steps();
  }

  /** The last choice before a step, from 1. */
  private Choice before(int step) {
    Choice last = choices.get(0);
    for (Choice choice : choices) {
      last = choice.step() < step ? choice : last;
    }
    return last;
  }

  /** Which part of the way after the warm-up lies behind, in [0, 1]. */
  double done(int step) {
    double done = 0;
    int from = warmup;
    int steps = choices.get(0).steps();
    for (Choice choice : choices.subList(1, choices.size())) {
      if (choice.step() >= step) {
        break;
      }
      int at = Math.max(warmup, choice.step());
      done += left(done, from, at, steps);
      from = at;
      steps = choice.steps();
    }
    return Math.min(1, done + left(done, from, step, steps));
  }

  /** What is added from one step to another, if the way ends after so many. */
  private static double left(double done, int from, int to, int steps) {
    return (1 - done) * (to - from) / Math.max(1, steps - from);
  }

  /**
   * A plan whose steps are chosen anew after one of them: the rates go on from where they are, and
   * reach the minimum at the new end.
   *
   * @param step that was taken, below both the plan's and the new steps
   * @param warmup the plan's, or another, if the step is within both
   */
  public static TrainingPlan chosen(TrainingPlan plan, int step, int steps, int warmup) {
    Spec.Stage schedule = Spec.single(plan.schedule());
    Map<String, String> options = new LinkedHashMap<>(schedule.options());
    List<String> choices = new ArrayList<>();
    String before = options.getOrDefault(OPTION, String.valueOf(plan.steps()));
    for (String choice : before.split(",", -1)) {
      boolean stays = warmup == plan.warmupSteps() || choice.contains("/");
      String own = "/" + plan.warmupSteps();
      int end = choice.indexOf('@') < 0 ? choice.length() : choice.indexOf('@');
      choices.add(stays ? choice : choice.substring(0, end) + own + choice.substring(end));
    }
    choices.add(steps + "@" + step);
    options.put(OPTION, String.join(",", choices));
    return plan.toBuilder()
        .steps(steps)
        .warmupSteps(warmup)
        .schedule(text(schedule.name(), options))
        .build();
  }

  /** A schedule without what was chosen on the way, its options written in one way. */
  public static String before(String schedule) {
    Spec.Stage stage = Spec.single(schedule);
    Map<String, String> options = new LinkedHashMap<>(stage.options());
    options.remove(OPTION);
    return text(stage.name(), options);
  }

  private static String text(String name, Map<String, String> options) {
    if (options.isEmpty()) {
      return name;
    }
    List<String> texts = new ArrayList<>();
    options.forEach((option, value) -> texts.add(option + "=" + written(value)));
    return name + "(" + String.join(",", texts) + ")";
  }

  private static String written(String value) {
    return value.matches("[A-Za-z0-9.+-]+") ? value : Spec.quoted(value);
  }
}
