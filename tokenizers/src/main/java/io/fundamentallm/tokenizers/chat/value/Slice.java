package io.fundamentallm.tokenizers.chat.value;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part in brackets of {@code messages[1:]}, with null for what is left out. */
public record Slice(@Nullable Long start, @Nullable Long stop, @Nullable Long step) {

  public Object of(Object value, TemplateBudget budget) {
    if (value instanceof PythonList list) {
      return list.like(pick(list, budget));
    } else if (value instanceof MarkedText text) {
      if (step == null || step == 1) {
        budget.spend(text.length());
        return cut(text);
      }
      MarkedTextBuilder out = new MarkedTextBuilder(budget);
      for (Object character : pick(text.characters(budget), budget)) {
        out.append((MarkedText) character);
      }
      return out.build();
    }
    throw Values.wrongType("a string or list to slice", value);
  }

  /** Most slices of strings are contiguous. */
  private MarkedText cut(MarkedText text) {
    int size = text.codePoints();
    int from = (int) bound(start, 0, 0, size, size);
    int to = (int) Math.max(from, bound(stop, size, 0, size, size));
    int begin = text.text().offsetByCodePoints(0, from);
    return text.part(begin, text.text().offsetByCodePoints(begin, to - from));
  }

  // as PySlice_AdjustIndices of CPython
  private List<Object> pick(List<Object> items, TemplateBudget budget) {
    long by = step == null ? 1 : step;
    if (by == 0) {
      throw new TemplateException("slice step cannot be zero");
    }
    int size = items.size();
    long lowest = by > 0 ? 0 : -1;
    long highest = by > 0 ? size : size - 1L;
    long from = bound(start, by > 0 ? 0 : highest, lowest, highest, size);
    long to = bound(stop, by > 0 ? highest : lowest, lowest, highest, size);
    List<Object> picked = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      budget.spend(1);
      picked.add(items.get((int) i));
      if (Math.abs(by) > size) {
        break;
      }
    }
    return picked;
  }

  private static long bound(
      @Nullable Long given, long defaultValue, long lowest, long highest, int size) {
    if (given == null) {
      return defaultValue;
    }
    long index = given < 0 ? given + size : given;
    return Math.max(lowest, Math.min(highest, index));
  }
}
