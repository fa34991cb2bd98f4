package io.fundamentallm.spark;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The columns that go into a computation and the one that comes of it. */
final class Columns {
  private Columns() {}

  /**
   * The index of a column.
   *
   * @param types which it may have
   * @param otherwise what to do where it has another
   * @throws IllegalArgumentException where there is none, or it has another type
   */
  static int index(StructType schema, String name, List<DataType> types, String otherwise) {
    int index = Arrays.asList(schema.fieldNames()).indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          "there is no column \""
              + name
              + "\"; there are "
              + String.join(", ", schema.fieldNames()));
    }
    DataType type = schema.fields()[index].dataType();
    if (!types.contains(type)) {
      throw new IllegalArgumentException(
          "column \"" + name + "\" is of type " + type.sql() + "; " + otherwise);
    }
    return index;
  }

  /** The index of a column of texts. */
  static int text(StructType schema, String name) {
    return index(schema, name, List.of(DataTypes.StringType), "expected STRING");
  }

  /**
   * The columns with one more.
   *
   * @throws IllegalArgumentException where it is there already
   */
  static StructType with(StructType schema, String name, DataType type) {
    if (Arrays.asList(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          "there is a column \"" + name + "\" already; expected another name for the result");
    }
    return schema.add(name, type, true);
  }

  /** The row with one more value. */
  static Row with(Row row, @Nullable Object value) {
    @Nullable Object[] values = new @Nullable Object[row.size() + 1];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    values[row.size()] = value;
    return RowFactory.create(values);
  }
}
