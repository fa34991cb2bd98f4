package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.CollectionMethods;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.Namespace;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.Slice;
import io.fundamentallm.tokenizers.chat.value.StringMethods;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code value.name} and {@code value[index]}, each falling back on the other as in Jinja. */
final class Subscripts {
  private Subscripts() {}

  static Object attribute(Object value, String name, TemplateBudget budget) {
    budget.spend(name.length());
    Object own = own(value, name);
    if (own != null) {
      return own;
    } else if (value instanceof Map<?, ?> map) {
      Object item = map.get(MarkedText.of(name));
      if (item != null) {
        return item;
      }
    } else if (value instanceof Undefined undefined) {
      throw undefined.refusal();
    }
    return Undefined.attribute(value, name);
  }

  static Object item(Object value, Object index, TemplateBudget budget) {
    if (value instanceof Undefined undefined) {
      throw undefined.refusal();
    } else if (index instanceof Slice slice) {
      boolean has = value instanceof MarkedText || value instanceof PythonList;
      return has
          ? slice.of(value, budget)
          : new Undefined(Values.type(value) + " object has no slices");
    } else if (value instanceof Map<?, ?> map) {
      if (index instanceof Undefined) {
        return new Undefined("dict object has no element Undefined");
      }
      Object item = map.get(Values.key(index, budget));
      if (item != null) {
        return item;
      }
    } else if (index instanceof Long at && value instanceof PythonList list) {
      long place = at < 0 ? at + list.size() : at;
      return place >= 0 && place < list.size()
          ? list.get((int) place)
          : missing(value, index, budget);
    } else if (index instanceof Long at && value instanceof MarkedText text) {
      return character(text, at, budget);
    }
    Object own = null;
    if (index instanceof MarkedText name) {
      budget.spend(name.length());
      own = own(value, name.text());
    }
    return own == null ? missing(value, index, budget) : own;
  }

  private static Object character(MarkedText text, long at, TemplateBudget budget) {
    budget.spend(text.length());
    int size = text.codePoints();
    long place = at < 0 ? at + size : at;
    if (place < 0 || place >= size) {
      return missing(text, at, budget);
    }
    int begin = text.text().offsetByCodePoints(0, (int) place);
    return text.part(begin, text.text().offsetByCodePoints(begin, 1));
  }

  private static Object missing(Object value, Object index, TemplateBudget budget) {
    return index instanceof MarkedText name
        ? Undefined.attribute(value, name.text())
        : new Undefined(
            Values.type(value) + " object has no element " + PythonFormat.str(index, budget));
  }

  private static @Nullable Object own(Object value, String name) {
    if (value instanceof MarkedText text) {
      return StringMethods.method(text, name);
    } else if (value instanceof Map<?, ?> map) {
      return CollectionMethods.method(map, name);
    } else if (value instanceof PythonList list) {
      return CollectionMethods.method(list, name);
    } else if (value instanceof Namespace namespace) {
      return namespace.attributes().get(name);
    } else if (value instanceof Loop loop) {
      return loop.attribute(name);
    }
    return null;
  }
}
