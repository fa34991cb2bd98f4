package io.fundamentallm.tokenizers.chat.value;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/** A list or a tuple. Templates of models may not change either. */
public final class PythonList extends AbstractList<Object> implements RandomAccess {
  /** No template takes apart more messages, words or characters than this. */
  static final int LONGEST = 1 << 20;

  private final List<Object> items;
  private final boolean tuple;

  private PythonList(List<Object> items, boolean tuple) {
    if (items.size() > LONGEST) {
      throw new TemplateException("a list longer than " + LONGEST);
    }
    this.items = items;
    this.tuple = tuple;
  }

  /** The items are not copied. */
  public static PythonList list(List<Object> items) {
    return new PythonList(items, false);
  }

  /** The items are not copied. */
  public static PythonList tuple(List<Object> items) {
    return new PythonList(items, true);
  }

  /** A list or tuple like this one, with other items. */
  PythonList like(List<Object> others) {
    return new PythonList(others, tuple);
  }

  boolean isTuple() {
    return tuple;
  }

  @Override
  public Object get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }
}
