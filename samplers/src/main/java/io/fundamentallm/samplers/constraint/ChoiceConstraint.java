package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import io.fundamentallm.spi.Options;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code choice="yes|no|not sure"}: the text is one of these. {@code |} separates them; {@code \|}
 * and {@code \\} are the characters themselves, each backslash written twice inside the quotes of a
 * spec. Everything else is literal, white space included. None may be empty.
 *
 * <p>{@link RegexConstraint} has the rules for all constraints.
 */
public final class ChoiceConstraint extends TextConstraint {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public ChoiceConstraint() {}

  @Override
  public String name() {
    return "choice";
  }

  @Override
  TextGrammar grammar(Options options) {
    String value = options.text("value");
    int half = Utf8.halfOfPair(value);
    if (half >= 0) {
      throw options.bad("value", value, "text: at index " + half + " is " + Utf8.HALF_A_PAIR);
    }
    List<String> choices = choices(value);
    if (choices.contains("")) {
      throw options.bad("value", value, "texts with | between them, none of them empty");
    }
    return Refusals.named(options, () -> TextGrammar.of(Grammar.of(Expression.words(choices))));
  }

  private static List<String> choices(String value) {
    List<String> choices = new ArrayList<>();
    StringBuilder choice = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean escape = c == '\\' && i + 1 < value.length();
      if (escape && (value.charAt(i + 1) == '|' || value.charAt(i + 1) == '\\')) {
        choice.append(value.charAt(++i));
      } else if (c == '|') {
        choices.add(choice.toString());
        choice.setLength(0);
      } else {
        choice.append(c);
      }
    }
    choices.add(choice.toString());
    return choices;
  }
}
