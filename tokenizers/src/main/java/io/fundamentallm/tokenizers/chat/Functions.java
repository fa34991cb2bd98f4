package io.fundamentallm.tokenizers.chat;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.Callable;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.Namespace;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.TimeFormat;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The functions that Hugging Face gives to templates. */
final class Functions {
  /** {@code MAX_RANGE} of {@code jinja2/sandbox.py}. */
  private static final int LONGEST_RANGE = 100_000;

  private Functions() {}

  static void define(Scope scope, Supplier<LocalDateTime> now) {
    scope.set("namespace", (Callable) Functions::namespace);
    scope.set("dict", (Callable) Functions::dict);
    scope.set("range", (Callable) Functions::range);
    scope.set(
        "raise_exception",
        (Callable)
            a -> {
              throw TemplateException.raised(
                  PythonFormat.str(a.require(0, "message"), a.budget()).text());
            });
    scope.set(
        "strftime_now",
        (Callable)
            a -> {
              MarkedText format = a.text(0, "format");
              String date = TimeFormat.format(format.text(), now.get(), a.budget());
              return format.hasMarks() ? MarkedText.ofMessage(date) : MarkedText.of(date);
            });
  }

  private static Map<Object, Object> dict(Arguments arguments) {
    Map<Object, Object> entries = new LinkedHashMap<>();
    for (Object from : arguments.positional()) {
      if (!(from instanceof Map<?, ?> map)) {
        throw Values.wrongType("a dict", from);
      }
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        Object key = Values.key(requireNonNull(entry.getKey()), arguments.budget());
        arguments.budget().spend(TemplateBudget.ENTRY);
        entries.put(key, requireNonNull(entry.getValue()));
      }
    }
    arguments.named().forEach((name, value) -> entries.put(MarkedText.of(name), value));
    return entries;
  }

  private static Namespace namespace(Arguments arguments) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    Map<Object, Object> entries = dict(arguments);
    arguments.budget().spend((long) TemplateBudget.ENTRY * entries.size());
    entries.forEach((name, value) -> attributes.put(Values.text(name).text(), value));
    return new Namespace(attributes);
  }

  private static Object range(Arguments arguments) {
    boolean one = arguments.positional().size() == 1;
    long from = one ? 0 : arguments.integer(0, "start", 0);
    long to = Values.integer(arguments.require(one ? 0 : 1, "stop"));
    long step = one ? 1 : arguments.integer(2, "step", 1);
    if (step == 0) {
      throw new TemplateException("range() arg 3 must not be zero");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i = Math.addExact(i, step)) {
      if (numbers.size() >= LONGEST_RANGE) {
        throw new TemplateException("a range longer than " + LONGEST_RANGE);
      }
      arguments.budget().spend(1);
      numbers.add(i);
    }
    return PythonList.list(numbers);
  }
}
