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
 * it had been chosen at first.
 *
 * @param warmup steps before the way begins
 * @param first steps that were chosen at first
 * @param choices later ones, in order
 */
public record Course(int warmup, int first, List<Choice> choices) {
  private static final String OPTION = "steps";
  private static final Pattern CHOICE = Pattern.compile("([1-9][0-9]{0,9})(?:@([1-9][0-9]{0,9}))?");

  /**
   * A choice on the way.
   *
   * @param step after which it was made
   * @param steps in all
   */
  public record Choice(int step, int steps) {}

  /**
   * The course of a plan.
   *
   * @throws IllegalArgumentException when its choices are not ones that a training can have made
   */
  static Course of(Options options, TrainingPlan plan) {
    List<Choice> choices = new ArrayList<>();
    int before = -1;
    for (String text : options.text(OPTION, String.valueOf(plan.steps())).split(",", -1)) {
      Matcher choice = CHOICE.matcher(text);
      boolean first = choices.isEmpty();
      if (!choice.matches() || (choice.group(2) == null) != first) {
        throw refused(options, plan);
      }
      long step = first ? 0 : Long.parseLong(choice.group(2));
      long steps = Long.parseLong(choice.group(1));
      if (step <= before || step >= steps || steps > Integer.MAX_VALUE) {
        throw refused(options, plan);
      }
      before = (int) step;
      choices.add(new Choice(before, (int) steps));
    }
    if (choices.get(choices.size() - 1).steps() != plan.steps()) {
      throw refused(options, plan);
    }
    List<Choice> later = choices.subList(1, choices.size());
    return new Course(plan.warmupSteps(), choices.get(0).steps(), List.copyOf(later));
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

  /** Which part of the way after the warm-up lies behind, in [0, 1]. */
  double done(int step) {
    double done = 0;
    int from = warmup;
    int steps = first;
    for (Choice choice : choices) {
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
   */
  public static TrainingPlan chosen(TrainingPlan plan, int step, int steps) {
    Spec.Stage schedule = Spec.single(plan.schedule());
    Map<String, String> options = new LinkedHashMap<>(schedule.options());
    options.merge(
        OPTION, plan.steps() + "," + steps + "@" + step, (a, b) -> a + b.substring(b.indexOf(',')));
    return plan.toBuilder().steps(steps).schedule(text(schedule.name(), options)).build();
  }

  /** A schedule as it was written, before anything was chosen on the way. */
  public static String before(String schedule) {
    Spec.Stage stage = Spec.single(schedule);
    Map<String, String> options = new LinkedHashMap<>(stage.options());
    return options.remove(OPTION) == null ? schedule : text(stage.name(), options);
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
