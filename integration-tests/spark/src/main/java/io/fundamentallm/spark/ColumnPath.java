package io.fundamentallm.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is in a row.
 *
 * @param name as it was given, {@code document.body}
 * @param indices of a column, and of fields within it
 */
record ColumnPath(String name, List<Integer> indices) implements Serializable {
  ColumnPath {
    indices = List.copyOf(indices);
  }

  /** The value; null where it or what it lies in is null. */
  @Nullable Object of(Row row) {
    Row within = row;
    for (int index : indices.subList(0, indices.size() - 1)) {
      if (within.isNullAt(index)) {
        return null;
      }
      within = within.getStruct(index);
    }
    return within.get(indices.get(indices.size() - 1));
  }

  /** The text. */
  @Nullable String text(Row row) {
    return (String) of(row);
  }
}
