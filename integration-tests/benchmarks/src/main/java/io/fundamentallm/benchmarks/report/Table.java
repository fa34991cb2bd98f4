package io.fundamentallm.benchmarks.report;

import io.fundamentallm.benchmarks.rotation.Figure;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The figures of a comparison by subject and contestant.
 *
 * @param figures at least one; of two for the same subject and contestant the first counts
 */
record Table(Comparison comparison, List<Figure> figures) {
  List<String> subjects() {
    return figures.stream().map(Figure::subject).distinct().toList();
  }

  List<String> contestants() {
    return figures.stream().map(Figure::contestant).distinct().toList();
  }

  OptionalDouble value(String subject, String contestant) {
    return figures.stream()
        .filter(f -> f.subject().equals(subject) && f.contestant().equals(contestant))
        .mapToDouble(Figure::value)
        .findFirst();
  }

  /**
   * In Markdown; where we are the first, with how we do beside the best of the others, and which
   * part of what the machine would allow that is.
   */
  String markdown() {
    List<String> contestants = contestants();
    boolean compared = contestants.size() > 1 && contestants.get(0).startsWith("ours");
    boolean limited = compared && contestants.contains(Figure.LIMIT);
    StringBuilder text = new StringBuilder("| " + comparison.unit() + " |");
    contestants.forEach(contestant -> text.append(' ').append(contestant).append(" |"));
    text.append(compared ? " ours beside the best other |" : "");
    text.append(limited ? " of the limit |" : "");
    int more = (compared ? 1 : 0) + (limited ? 1 : 0);
    text.append("\n|---|").append("---|".repeat(contestants.size() + more));
    for (String subject : subjects()) {
      text.append("\n| ").append(subject.replace("|", "\\|")).append(" |");
      for (String contestant : contestants) {
        value(subject, contestant)
            .ifPresentOrElse(
                value -> text.append(' ').append(digits(value)).append(" |"),
                () -> text.append(" |"));
      }
      if (compared) {
        ratio(subject, contestants)
            .ifPresentOrElse(
                ratio -> text.append(String.format(Locale.ROOT, " %.2f times |", ratio)),
                () -> text.append(" |"));
      }
      if (limited) {
        part(subject, contestants.get(0))
            .ifPresentOrElse(
                part -> text.append(String.format(Locale.ROOT, " %.2f |", part)),
                () -> text.append(" |"));
      }
    }
    return text.append('\n').toString();
  }

  /** How many times as good the first is as the best of the others. */
  private OptionalDouble ratio(String subject, List<String> contestants) {
    OptionalDouble first = value(subject, contestants.get(0));
    OptionalDouble best =
        contestants.stream()
            .skip(1)
            .filter(contestant -> !contestant.equals(Figure.LIMIT))
            .flatMapToDouble(contestant -> value(subject, contestant).stream())
            .reduce(comparison.more() ? Math::max : Math::min);
    if (first.isEmpty() || best.isEmpty()) {
      return OptionalDouble.empty();
    }
    double ratio = first.getAsDouble() / best.getAsDouble();
    return OptionalDouble.of(comparison.more() ? ratio : 1 / ratio);
  }

  /** Which part of the limit a contestant reaches. */
  private OptionalDouble part(String subject, String contestant) {
    OptionalDouble reached = value(subject, contestant);
    OptionalDouble limit = value(subject, Figure.LIMIT);
    if (reached.isEmpty() || limit.isEmpty()) {
      return OptionalDouble.empty();
    }
    double part = reached.getAsDouble() / limit.getAsDouble();
    return OptionalDouble.of(comparison.more() ? part : 1 / part);
  }

  /** With as many digits as are worth reading. */
  static String digits(double value) {
    String format = value >= 1000 ? "%,.0f" : value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.3g";
    return String.format(Locale.ROOT, format, value);
  }
}
