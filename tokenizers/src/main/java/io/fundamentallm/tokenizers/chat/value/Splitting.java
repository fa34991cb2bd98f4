package io.fundamentallm.tokenizers.chat.value;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways of splitting a string. */
public final class Splitting {
  /** What {@code str.splitlines} treats as the end of a line, besides CR LF. */
  private static final String LINE_ENDS = "\n\r\u000B\f\u001C\u001D\u001E\u0085\u2028\u2029";

  private Splitting() {}

  static MarkedText separator(MarkedText text, Arguments arguments) {
    MarkedText separator = arguments.text(0, "sep");
    arguments.budget().spendSearch(text, separator);
    if (separator.isEmpty()) {
      throw new TemplateException("empty separator");
    }
    return separator;
  }

  static PythonList split(MarkedText text, Arguments arguments) {
    long max = arguments.integer(1, "maxsplit", -1);
    if (arguments.get(0, "sep", None.NONE) == None.NONE) {
      return words(text, max, arguments.budget());
    }
    String separator = separator(text, arguments).text();
    Pieces pieces = new Pieces(text, arguments.budget());
    int from = 0;
    for (long i = 0; i != max; i++) {
      int at = text.text().indexOf(separator, from);
      if (at < 0) {
        break;
      }
      pieces.add(from, at);
      from = at + separator.length();
    }
    return pieces.add(from, text.length()).list();
  }

  static PythonList splitFromEnd(MarkedText text, Arguments arguments) {
    long max = arguments.integer(1, "maxsplit", -1);
    if (arguments.get(0, "sep", None.NONE) == None.NONE) {
      if (max >= 0) {
        throw new TemplateException("rsplit without a separator takes no maximum here");
      }
      return words(text, max, arguments.budget());
    }
    String separator = separator(text, arguments).text();
    Pieces pieces = new Pieces(text, arguments.budget());
    int to = text.length();
    for (long i = 0; i != max; i++) {
      int at = text.text().lastIndexOf(separator, to - separator.length());
      if (at < 0 || at + separator.length() > to) {
        break;
      }
      pieces.add(at + separator.length(), to);
      to = at;
    }
    return pieces.add(0, to).reversed();
  }

  private static PythonList words(MarkedText text, long max, TemplateBudget budget) {
    budget.spend(2L * text.length());
    String all = text.text();
    Pieces pieces = new Pieces(text, budget);
    int from = Whitespace.skip(all, 0);
    for (long i = 0; from < all.length(); i++) {
      if (i == max) {
        pieces.add(from, all.length());
        break;
      }
      int to = from;
      while (to < all.length() && !Whitespace.is(all.charAt(to))) {
        to++;
      }
      pieces.add(from, to);
      from = Whitespace.skip(all, to);
    }
    return pieces.list();
  }

  public static PythonList lines(MarkedText text, Arguments arguments) {
    boolean keeps = Values.isTrue(arguments.get(0, "keepends", false));
    arguments.budget().spend(2L * text.length());
    String all = text.text();
    Pieces pieces = new Pieces(text, arguments.budget());
    for (int from = 0; from < all.length(); ) {
      int to = from;
      while (to < all.length() && LINE_ENDS.indexOf(all.charAt(to)) < 0) {
        to++;
      }
      int next = Math.min(all.length(), to + (all.startsWith("\r\n", to) ? 2 : 1));
      pieces.add(from, keeps ? next : to);
      from = next;
    }
    return pieces.list();
  }

  /** Parts of one text, not too many. */
  private record Pieces(MarkedText text, TemplateBudget budget, List<Object> parts) {
    Pieces(MarkedText text, TemplateBudget budget) {
      this(text, budget, new ArrayList<>());
    }

    Pieces add(int from, int to) {
      if (parts.size() >= PythonList.LONGEST) {
        throw new TemplateException("a text of more than " + PythonList.LONGEST + " pieces");
      }
      budget.spend(TemplateBudget.CHARACTER + (long) to - from);
      parts.add(text.part(from, to));
      return this;
    }

    PythonList list() {
      return PythonList.list(parts);
    }

    PythonList reversed() {
      Collections.reverse(parts);
      return list();
    }
  }
}
