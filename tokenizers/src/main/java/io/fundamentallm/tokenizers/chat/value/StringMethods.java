package io.fundamentallm.tokenizers.chat.value;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Methods of Python's {@code str}. */
public final class StringMethods {
  private StringMethods() {}

  public static @Nullable Callable method(MarkedText text, String name) {
    return switch (name) {
      case "startswith" -> a -> any(a, text.text()::startsWith);
      case "endswith" -> a -> any(a, text.text()::endsWith);
      case "strip" -> a -> strip(text, a, true, true);
      case "lstrip" -> a -> strip(text, a, true, false);
      case "rstrip" -> a -> strip(text, a, false, true);
      case "removeprefix" -> a -> withoutPrefix(text, a);
      case "removesuffix" -> a -> withoutSuffix(text, a);
      case "split" -> a -> Splitting.split(text, a);
      case "rsplit" -> a -> Splitting.splitFromEnd(text, a);
      case "splitlines" -> a -> Splitting.lines(text, a);
      case "partition" -> a -> partition(text, a, false);
      case "rpartition" -> a -> partition(text, a, true);
      case "join" ->
          a -> join(text, Values.items(a.require(0, "iterable"), a.budget()), a.budget());
      case "replace" ->
          a -> replace(text, a.text(0, "old"), a.text(1, "new"), a.integer(2, "count", -1), a);
      case "find" -> a -> find(text, a, false);
      case "rfind" -> a -> find(text, a, true);
      case "count" -> a -> count(text, a);
      case "upper" -> a -> Case.upper(text, a.budget());
      case "lower" -> a -> Case.lower(text, a.budget());
      case "title" -> a -> Case.title(text, a.budget());
      case "capitalize" -> a -> Case.capitalize(text, a.budget());
      case "isdigit" -> a -> all(text, a.budget(), c -> c >= '0' && c <= '9');
      case "isspace" -> a -> all(text, a.budget(), Whitespace::is);
      case "isupper" -> a -> Case.isUpper(text, a.budget());
      case "islower" -> a -> Case.isLower(text, a.budget());
      default -> null;
    };
  }

  /** Whether something holds for a string, or for one of a tuple of strings. */
  private static boolean any(Arguments arguments, Predicate<String> test) {
    Object wanted = arguments.require(0, "prefix");
    if (arguments.positional().size() > 1) {
      throw new TemplateException("startswith and endswith take one argument");
    }
    if (wanted instanceof PythonList list && list.isTuple()) {
      return list.stream().anyMatch(part -> holds(test, part, arguments.budget()));
    }
    return holds(test, wanted, arguments.budget());
  }

  private static boolean holds(Predicate<String> test, Object part, TemplateBudget budget) {
    MarkedText text = Values.text(part);
    budget.spend(1L + text.length());
    return test.test(text.text());
  }

  private interface CharTest {
    boolean test(char c);
  }

  private static boolean all(MarkedText text, TemplateBudget budget, CharTest test) {
    budget.spend(text.length());
    return !text.isEmpty() && text.text().chars().allMatch(c -> test.test((char) c));
  }

  public static MarkedText strip(MarkedText text, Arguments arguments, boolean start, boolean end) {
    Object given = arguments.get(0, "chars", None.NONE);
    String all = text.text();
    int from = 0;
    int to = all.length();
    if (given == None.NONE) {
      arguments.budget().spend(text.length());
      from = start ? Whitespace.skip(all, 0) : 0;
      to = end ? Whitespace.trimEnd(all, from, to) : to;
    } else {
      String characters = Values.text(given).text();
      arguments.budget().spendSearch(text, Values.text(given));
      while (start && from < to && characters.indexOf(all.codePointAt(from)) >= 0) {
        from = all.offsetByCodePoints(from, 1);
      }
      while (end && to > from && characters.indexOf(all.codePointBefore(to)) >= 0) {
        to = all.offsetByCodePoints(to, -1);
      }
    }
    return text.part(from, to);
  }

  private static MarkedText withoutPrefix(MarkedText text, Arguments arguments) {
    MarkedText prefix = arguments.text(0, "prefix");
    return holds(text.text()::startsWith, prefix, arguments.budget())
        ? text.part(prefix.length(), text.length())
        : text;
  }

  private static MarkedText withoutSuffix(MarkedText text, Arguments arguments) {
    MarkedText suffix = arguments.text(0, "suffix");
    return holds(text.text()::endsWith, suffix, arguments.budget())
        ? text.part(0, text.length() - suffix.length())
        : text;
  }

  private static Object partition(MarkedText text, Arguments arguments, boolean last) {
    MarkedText separator = Splitting.separator(text, arguments);
    int at =
        last ? text.text().lastIndexOf(separator.text()) : text.text().indexOf(separator.text());
    List<Object> parts = new ArrayList<>();
    if (at >= 0) {
      int end = at + separator.length();
      parts.add(text.part(0, at));
      parts.add(text.part(at, end));
      parts.add(text.part(end, text.length()));
    } else {
      parts.add(last ? MarkedText.EMPTY : text);
      parts.add(MarkedText.EMPTY);
      parts.add(last ? text : MarkedText.EMPTY);
    }
    return PythonList.tuple(parts);
  }

  public static MarkedText join(MarkedText between, List<Object> items, TemplateBudget budget) {
    MarkedTextBuilder out = new MarkedTextBuilder(budget);
    boolean first = true;
    for (Object item : items) {
      if (!first) {
        out.append(between);
      }
      out.append(Values.text(item));
      first = false;
    }
    return out.build();
  }

  public static MarkedText replace(
      MarkedText text, MarkedText old, MarkedText replacement, long count, Arguments arguments) {
    arguments.budget().spendSearch(text, old);
    long left = count < 0 ? Long.MAX_VALUE : count;
    MarkedTextBuilder out = new MarkedTextBuilder(arguments.budget());
    int plain = 0;
    int search = 0;
    while (left > 0) {
      int at = text.text().indexOf(old.text(), search);
      // an empty string is found between all characters, but only once at each place
      if (at < 0 || search > text.length()) {
        break;
      }
      out.append(text.part(plain, at)).append(replacement);
      plain = at + old.length();
      search = plain;
      if (old.isEmpty()) {
        if (at >= text.length()) {
          break;
        }
        search = text.text().offsetByCodePoints(at, 1);
      }
      left--;
    }
    return out.append(text.part(plain, text.length())).build();
  }

  private static long find(MarkedText text, Arguments arguments, boolean last) {
    MarkedText part = arguments.text(0, "sub");
    arguments.budget().spendSearch(text, part);
    if (arguments.positional().size() > 1) {
      throw new TemplateException("find takes one argument here");
    }
    int at = last ? text.text().lastIndexOf(part.text()) : text.text().indexOf(part.text());
    return at < 0 ? -1 : text.text().codePointCount(0, at);
  }

  private static long count(MarkedText text, Arguments arguments) {
    MarkedText part = arguments.text(0, "sub");
    arguments.budget().spendSearch(text, part);
    if (part.isEmpty()) {
      return text.codePoints() + 1L;
    }
    long count = 0;
    for (int i = text.text().indexOf(part.text()); i >= 0; count++) {
      i = text.text().indexOf(part.text(), i + part.length());
    }
    return count;
  }
}
