package io.fundamentallm.tokenizers.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Filters that go through a list. Where Jinja has a generator, a list comes out. */
final class ListFilters {
  private ListFilters() {}

  static Filters.@Nullable Filter named(String name) {
    return switch (name) {
      case "list" -> (v, a) -> PythonList.list(Values.items(v));
      case "items" ->
          (v, a) ->
              v instanceof Map<?, ?> map
                  ? CollectionMethods.items(map)
                  : PythonList.list(Values.items(v));
      case "dictsort" -> ListFilters::sortDict;
      case "first" -> (v, a) -> end(Values.items(v), true);
      case "last" -> (v, a) -> end(Values.items(v), false);
      case "join" -> ListFilters::join;
      case "reverse" -> (v, a) -> reverse(v);
      case "sort" -> ListFilters::sort;
      case "unique" -> ListFilters::unique;
      case "min" -> (v, a) -> extreme(v, a, order(a.from(0), a));
      case "max" -> (v, a) -> extreme(v, a, order(a.from(0), a).reversed());
      case "sum" -> ListFilters::sum;
      case "map" -> ListFilters::map;
      case "select" -> (v, a) -> select(v, a, true, UnaryOperator.identity(), 0);
      case "reject" -> (v, a) -> select(v, a, false, UnaryOperator.identity(), 0);
      case "selectattr" -> (v, a) -> select(v, a, true, attribute(a.require(0, "attribute")), 1);
      case "rejectattr" -> (v, a) -> select(v, a, false, attribute(a.require(0, "attribute")), 1);
      default -> null;
    };
  }

  private static Object end(List<Object> items, boolean first) {
    return items.isEmpty()
        ? new Undefined("the sequence was empty")
        : items.get(first ? 0 : items.size() - 1);
  }

  private static Object join(Object value, Arguments arguments) {
    UnaryOperator<Object> attribute = attributeOrSelf(arguments.get(1, "attribute"));
    List<Object> texts = new ArrayList<>();
    for (Object item : Values.items(value)) {
      texts.add(Printed.str(attribute.apply(item)));
    }
    MarkedText between = Printed.str(arguments.get(0, "d", MarkedText.EMPTY));
    return StringMethods.join(between, texts, arguments.budget());
  }

  private static Object reverse(Object value) {
    if (value instanceof MarkedText text) {
      return new Slice(null, null, -1L).of(text);
    }
    List<Object> items = new ArrayList<>(Values.items(value));
    Collections.reverse(items);
    return PythonList.list(items);
  }

  /** Strings without regard to case, unless asked for. */
  private static Object folded(Object value, boolean caseSensitive) {
    return !caseSensitive && value instanceof MarkedText text ? Case.lower(text) : value;
  }

  private static Comparator<Object> order(Arguments named, Arguments arguments) {
    boolean sensitive = Values.isTrue(named.get(9, "case_sensitive", false));
    UnaryOperator<Object> attribute = attributeOrSelf(named.get(9, "attribute"));
    return (a, b) ->
        Values.compare(
            folded(attribute.apply(a), sensitive),
            folded(attribute.apply(b), sensitive),
            arguments.budget());
  }

  private static Object sort(Object value, Arguments arguments) {
    List<Object> items = new ArrayList<>(Values.items(value));
    Comparator<Object> order = order(arguments, arguments);
    boolean reversed = Values.isTrue(arguments.get(0, "reverse", false));
    items.sort(reversed ? order.reversed() : order);
    return PythonList.list(items);
  }

  private static Object sortDict(Object value, Arguments arguments) {
    if (!(value instanceof Map<?, ?> map)) {
      throw Values.wrongType("a dict", value);
    }
    boolean sensitive = Values.isTrue(arguments.get(0, "case_sensitive", false));
    int by = arguments.get(1, "by", MarkedText.of("key")).equals(MarkedText.of("value")) ? 1 : 0;
    Comparator<Object> order =
        (a, b) ->
            Values.compare(
                folded(((PythonList) a).get(by), sensitive),
                folded(((PythonList) b).get(by), sensitive),
                arguments.budget());
    List<Object> items = new ArrayList<>(CollectionMethods.items(map));
    items.sort(Values.isTrue(arguments.get(2, "reverse", false)) ? order.reversed() : order);
    return PythonList.list(items);
  }

  private static Object unique(Object value, Arguments arguments) {
    boolean sensitive = Values.isTrue(arguments.get(0, "case_sensitive", false));
    UnaryOperator<Object> attribute = attributeOrSelf(arguments.get(1, "attribute"));
    List<Object> seen = new ArrayList<>();
    List<Object> items = new ArrayList<>();
    for (Object item : Values.items(value)) {
      Object key = folded(attribute.apply(item), sensitive);
      if (!Operators.contains(PythonList.list(seen), key, arguments.budget())) {
        seen.add(key);
        items.add(item);
      }
    }
    return PythonList.list(items);
  }

  private static Object extreme(Object value, Arguments arguments, Comparator<Object> order) {
    List<Object> items = Values.items(value);
    arguments.budget().spend(items.size());
    return items.isEmpty()
        ? new Undefined("the sequence was empty")
        : Collections.min(items, order);
  }

  private static Object sum(Object value, Arguments arguments) {
    UnaryOperator<Object> attribute = attributeOrSelf(arguments.get(0, "attribute"));
    Object sum = arguments.get(1, "start", 0L);
    for (Object item : Values.items(value)) {
      sum = Operators.arithmetic("+", sum, attribute.apply(item));
      arguments.budget().spendFor(sum);
    }
    return sum;
  }

  private static Object map(Object value, Arguments arguments) {
    List<Object> mapped = new ArrayList<>();
    Object attribute = arguments.named().get("attribute");
    for (Object item : Values.items(value)) {
      Object result;
      if (attribute != null) {
        result = attribute(attribute).apply(item);
        Object otherwise = arguments.named().get("default");
        result = result instanceof Undefined && otherwise != null ? otherwise : result;
      } else {
        result = Filters.apply(arguments.text(0, "name").text(), item, arguments.from(1));
      }
      arguments.budget().spendFor(result);
      mapped.add(result);
    }
    return PythonList.list(mapped);
  }

  private static Object select(
      Object value,
      Arguments arguments,
      boolean wanted,
      UnaryOperator<Object> attribute,
      int testAt) {
    Object test = arguments.get(testAt, "test");
    Predicate<Object> holds =
        test == null
            ? Values::isTrue
            : item -> Tests.holds(Values.text(test).text(), item, arguments.from(testAt + 1));
    List<Object> selected = new ArrayList<>();
    for (Object item : Values.items(value)) {
      arguments.budget().spend(1);
      if (holds.test(attribute.apply(item)) == wanted) {
        selected.add(item);
      }
    }
    return PythonList.list(selected);
  }

  private static UnaryOperator<Object> attributeOrSelf(@Nullable Object path) {
    return path == null || path == None.NONE ? UnaryOperator.identity() : attribute(path);
  }

  /** As {@code make_attrgetter}: a number, or names and numbers between dots. */
  private static UnaryOperator<Object> attribute(Object path) {
    if (path instanceof Long) {
      return value -> Subscripts.item(value, path);
    }
    String[] steps = Values.text(path).text().split("\\.", -1);
    return value -> {
      Object at = value;
      for (String step : steps) {
        boolean number = !step.isEmpty() && step.length() < 10 && step.matches("[0-9]+");
        at = Subscripts.item(at, number ? (Object) Long.valueOf(step) : MarkedText.of(step));
      }
      return at;
    };
  }
}
