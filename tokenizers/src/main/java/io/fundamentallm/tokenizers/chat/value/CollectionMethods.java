package io.fundamentallm.tokenizers.chat.value;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Methods of dicts and lists. Those that change the object are missing, as in the sandbox that
 * Hugging Face renders in.
 */
public final class CollectionMethods {
  private CollectionMethods() {}

  public static @Nullable Callable method(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> arguments -> items(map, arguments.budget());
      case "keys" -> arguments -> PythonList.list(Values.items(map, arguments.budget()));
      case "values" ->
          arguments -> {
            arguments.budget().spend(map.size());
            return PythonList.list(new ArrayList<>(map.values()));
          };
      case "get" ->
          arguments -> {
            Object value = map.get(Values.key(arguments.require(0, "key"), arguments.budget()));
            return value == null ? arguments.get(1, "default", None.NONE) : value;
          };
      default -> null;
    };
  }

  public static PythonList items(Map<?, ?> map, TemplateBudget budget) {
    budget.spend(4L * map.size());
    List<Object> items = new ArrayList<>();
    map.forEach(
        (key, value) ->
            items.add(
                PythonList.tuple(
                    List.of(Objects.requireNonNull(key), Objects.requireNonNull(value)))));
    return PythonList.list(items);
  }

  public static @Nullable Callable method(PythonList list, String name) {
    return switch (name) {
      case "count" ->
          arguments -> {
            Object wanted = arguments.require(0, "value");
            return list.stream()
                .filter(item -> Values.equal(item, wanted, arguments.budget()))
                .count();
          };
      case "index" ->
          arguments -> {
            Object wanted = arguments.require(0, "value");
            for (int i = 0; i < list.size(); i++) {
              if (Values.equal(list.get(i), wanted, arguments.budget())) {
                return (long) i;
              }
            }
            throw new TemplateException("the value is not in the list");
          };
      default -> null;
    };
  }
}
