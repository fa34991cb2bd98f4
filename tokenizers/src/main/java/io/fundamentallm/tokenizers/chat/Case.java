package io.fundamentallm.tokenizers.chat;

import java.util.Locale;

/**
 * Upper and lower case, with the JDK's Unicode. Templates change the case of their own words; a
 * message's is never changed by those that models come with.
 */
final class Case {
  private Case() {}

  static MarkedText upper(MarkedText text, Budget budget) {
    budget.spend(text.length());
    return text.withText(text.text().toUpperCase(Locale.ROOT));
  }

  static MarkedText lower(MarkedText text, Budget budget) {
    budget.spend(text.length());
    return text.withText(text.text().toLowerCase(Locale.ROOT));
  }

  static MarkedText capitalize(MarkedText text, Budget budget) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.text().offsetByCodePoints(0, 1);
    budget.spend(text.length());
    MarkedText rest = lower(text.part(first, text.length()), budget);
    return title(text.part(0, first), budget).plus(rest, budget);
  }

  /** Upper case, or rather title case, at the start of each run of letters. */
  static MarkedText title(MarkedText text, Budget budget) {
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

  static boolean isUpper(MarkedText text, Budget budget) {
    budget.spend(text.length());
    return text.text().codePoints().anyMatch(Case::isCased)
        && text.text().codePoints().noneMatch(c -> isCased(c) && !Character.isUpperCase(c));
  }

  static boolean isLower(MarkedText text, Budget budget) {
    budget.spend(text.length());
    return text.text().codePoints().anyMatch(Case::isCased)
        && text.text().codePoints().noneMatch(c -> isCased(c) && !Character.isLowerCase(c));
  }

  private static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }
}
