package io.fundamentallm.tokenizers.chat.value;

import java.util.Locale;

/**
 * Upper and lower case, with the JDK's Unicode. Published templates change the case of their own
 * words, never that of a message.
 */
public final class Case {
  private Case() {}

  public static MarkedText upper(MarkedText text, TemplateBudget budget) {
    budget.spend(text.length());
    return text.withText(text.text().toUpperCase(Locale.ROOT));
  }

  public static MarkedText lower(MarkedText text, TemplateBudget budget) {
    budget.spend(text.length());
    return text.withText(text.text().toLowerCase(Locale.ROOT));
  }

  public static MarkedText capitalize(MarkedText text, TemplateBudget budget) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.text().offsetByCodePoints(0, 1);
    budget.spend(text.length());
    MarkedText rest = lower(text.part(first, text.length()), budget);
    return title(text.part(0, first), budget).plus(rest, budget);
  }

  /** Upper case, or rather title case, at the start of each run of letters. */
  static MarkedText title(MarkedText text, TemplateBudget budget) {
    budget.spend(text.length());
    StringBuilder titled = new StringBuilder();
    boolean within = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.text().codePointAt(i);
      titled.appendCodePoint(within ? Character.toLowerCase(c) : Character.toTitleCase(c));
      within = isCased(c);
      i += Character.charCount(c);
    }
    return text.withText(titled.toString());
  }

  public static boolean isUpper(MarkedText text, TemplateBudget budget) {
    budget.spend(text.length());
    return text.text().codePoints().anyMatch(Case::isCased)
        && text.text().codePoints().noneMatch(c -> isCased(c) && !Character.isUpperCase(c));
  }

  public static boolean isLower(MarkedText text, TemplateBudget budget) {
    budget.spend(text.length());
    return text.text().codePoints().anyMatch(Case::isCased)
        && text.text().codePoints().noneMatch(c -> isCased(c) && !Character.isLowerCase(c));
  }

  private static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }
}
