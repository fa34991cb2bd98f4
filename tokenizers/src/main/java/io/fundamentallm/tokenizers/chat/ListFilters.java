package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.Case;
import io.fundamentallm.tokenizers.chat.value.CollectionMethods;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.Operators;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.Slice;
import io.fundamentallm.tokenizers.chat.value.StringMethods;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import io.fundamentallm.tokenizers.chat.value.Values;
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
      case "list" -> (v, a) -> PythonList.list(Values.items(v, a.budget()));
      case "items" ->
          (v, a) ->
              v instanceof Map<?, ?> map
                  ? CollectionMethods.items(map, a.budget())
                  : PythonList.list(Values.items(v, a.budget()));
      case "dictsort" -> ListFilters::sortDict;
      case "first" -> (v, a) -> end(Values.items(v, a.budget()), true);
      case "last" -> (v, a) -> end(Values.items(v, a.budget()), false);
      case "join" -> ListFilters::join;
      case "reverse" -> (v, a) -> reverse(v, a.budget());
      case "sort" -> ListFilters::sort;
      case "unique" -> ListFilters::unique;
      case "min" -> (v, a) -> extreme(v, a, order(a.budget()));
      case "max" -> (v, a) -> extreme(v, a, order(a.budget()).reversed());
      case "sum" -> ListFilters::sum;
      case "map" -> ListFilters::map;
      case "select" -> (v, a) -> select(v, a, true, UnaryOperator.identity(), 0);
      case "reject" -> (v, a) -> select(v, a, false, UnaryOperator.identity(), 0);
      case "selectattr" ->
          (v, a) -> select(v, a, true, attributeOrSelf(a, a.require(0, "attribute")), 1);
      case "rejectattr" ->
          (v, a) -> select(v, a, false, attributeOrSelf(a, a.require(0, "attribute")), 1);
      default -> null;
    };
  }

  private static Object end(List<Object> items, boolean first) {
    return items.isEmpty()
        ? new Undefined("the sequence was empty")
        : items.get(first ? 0 : items.size() - 1);
  }

  private static Object join(Object value, Arguments arguments) {
    UnaryOperator<Object> attribute = attributeOrSelf(arguments, arguments.get(1, "attribute"));
    List<Object> texts = new ArrayList<>();
    for (Object item : Values.items(value, arguments.budget())) {
      arguments.budget().spend(1);
      texts.add(PythonFormat.str(attribute.apply(item), arguments.budget()));
    }
    MarkedText between =
        PythonFormat.str(arguments.get(0, "d", MarkedText.EMPTY), arguments.budget());
    return StringMethods.join(between, texts, arguments.budget());
  }

  private static Object reverse(Object value, TemplateBudget budget) {
    if (value instanceof MarkedText text) {
      return new Slice(null, null, -1L).of(text, budget);
    }
    List<Object> items = copy(value, budget);
    Collections.reverse(items);
    return PythonList.list(items);
  }

  private static List<Object> copy(Object value, TemplateBudget budget) {
    List<Object> items = Values.items(value, budget);
    budget.spend(items.size());
    return new ArrayList<>(items);
  }

  /** Ignores the case of strings unless told otherwise. */
  private static Object folded(Object value, boolean caseSensitive, TemplateBudget budget) {
    return !caseSensitive && value instanceof MarkedText text ? Case.lower(text, budget) : value;
  }

  /** An item and what it is compared by. */
  private record Keyed(Object key, Object item) {}

  private static Comparator<Keyed> order(TemplateBudget budget) {
    return (a, b) -> Values.compare(a.key, b.key, budget);
  }

  private static List<Keyed> keyed(
      List<Object> items, UnaryOperator<Object> attribute, Arguments arguments) {
    boolean sensitive = Values.isTrue(arguments.get(9, "case_sensitive", false));
    List<Keyed> keyed = new ArrayList<>(items.size());
    for (Object item : items) {
      arguments.budget().spend(1);
      keyed.add(new Keyed(folded(attribute.apply(item), sensitive, arguments.budget()), item));
    }
    return keyed;
  }

  private static Object sorted(List<Keyed> keyed, boolean reversed, TemplateBudget budget) {
    keyed.sort(reversed ? order(budget).reversed() : order(budget));
    List<Object> items = new ArrayList<>(keyed.size());
    keyed.forEach(one -> items.add(one.item));
    return PythonList.list(items);
  }

  private static Object sort(Object value, Arguments arguments) {
    List<Object> items = Values.items(value, arguments.budget());
    UnaryOperator<Object> attribute = attributeOrSelf(arguments, arguments.get(9, "attribute"));
    boolean reversed = Values.isTrue(arguments.get(0, "reverse", false));
    return sorted(keyed(items, attribute, arguments), reversed, arguments.budget());
  }

  private static Object sortDict(Object value, Arguments arguments) {
    if (!(value instanceof Map<?, ?> map)) {
      throw Values.wrongType("a dict", value);
    }
    boolean sensitive = Values.isTrue(arguments.get(0, "case_sensitive", false));
    int by = arguments.get(1, "by", MarkedText.of("key")).equals(MarkedText.of("value")) ? 1 : 0;
    List<Keyed> keyed = new ArrayList<>(map.size());
    for (Object item : CollectionMethods.items(map, arguments.budget())) {
      Object key = ((PythonList) item).get(by);
      keyed.add(new Keyed(folded(key, sensitive, arguments.budget()), item));
    }
    return sorted(keyed, Values.isTrue(arguments.get(2, "reverse", false)), arguments.budget());
  }

  private static Object unique(Object value, Arguments arguments) {
    boolean sensitive = Values.isTrue(arguments.get(0, "case_sensitive", false));
    UnaryOperator<Object> attribute = attributeOrSelf(arguments, arguments.get(1, "attribute"));
    List<Object> seen = new ArrayList<>();
    List<Object> items = new ArrayList<>();
    for (Object item : Values.items(value, arguments.budget())) {
      Object key = folded(attribute.apply(item), sensitive, arguments.budget());
      if (!Operators.contains(PythonList.list(seen), key, arguments.budget())) {
        seen.add(key);
        items.add(item);
      }
    }
    return PythonList.list(items);
  }

  private static Object extreme(Object value, Arguments arguments, Comparator<Keyed> order) {
    List<Object> items = Values.items(value, arguments.budget());
    if (items.isEmpty()) {
      return new Undefined("the sequence was empty");
    }
    UnaryOperator<Object> attribute = attributeOrSelf(arguments, arguments.get(9, "attribute"));
    return Collections.min(keyed(items, attribute, arguments), order).item;
  }

  private static Object sum(Object value, Arguments arguments) {
    UnaryOperator<Object> attribute = attributeOrSelf(arguments, arguments.get(0, "attribute"));
    Object sum = arguments.get(1, "start", 0L);
    for (Object item : Values.items(value, arguments.budget())) {
      sum = Operators.arithmetic("+", sum, attribute.apply(item), arguments.budget());
      arguments.budget().spendFor(sum);
    }
    return sum;
  }

  private static Object map(Object value, Arguments arguments) {
    List<Object> mapped = new ArrayList<>();
    Object path = arguments.named().get("attribute");
    UnaryOperator<Object> attribute = attributeOrSelf(arguments, path);
    for (Object item : Values.items(value, arguments.budget())) {
      Object result;
      if (path != null) {
        result = attribute.apply(item);
        Object defaultValue = arguments.named().get("default");
        result = result instanceof Undefined && defaultValue != null ? defaultValue : result;
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
    for (Object item : Values.items(value, arguments.budget())) {
      arguments.budget().spend(1);
      if (holds.test(attribute.apply(item)) == wanted) {
        selected.add(item);
      }
    }
    return PythonList.list(selected);
  }

  /** As {@code make_attrgetter}: a number, or names and numbers between dots; null for the item. */
  private static UnaryOperator<Object> attributeOrSelf(Arguments arguments, @Nullable Object path) {
    TemplateBudget budget = arguments.budget();
    if (path == null || path == None.NONE) {
      return UnaryOperator.identity();
    } else if (path instanceof Long) {
      return value -> Subscripts.item(value, path, budget);
    }
    MarkedText text = Values.text(path);
    budget.spend((long) TemplateBudget.CHARACTER * text.length());
    List<Object> steps = new ArrayList<>();
    for (String step : text.text().split("\\.", -1)) {
      boolean number = !step.isEmpty() && step.length() < 10 && step.matches("[0-9]+");
      steps.add(number ? (Object) Long.valueOf(step) : MarkedText.of(step));
    }
    return value -> {
      Object at = value;
      for (Object step : steps) {
        budget.spend(1);
        at = Subscripts.item(at, step, budget);
      }
      return at;
    };
  }
}
