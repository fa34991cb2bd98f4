package io.fundamentallm.spark;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The input columns of a computation, and its result column. */
final class Columns {
  private Columns() {}

  /**
   * The index of a column, by the session's rules for upper and lower case.
   *
   * @param types which it may have
   * @param advice what to do if it has another
   * @throws IllegalArgumentException if there is none, or more than one, or it has another type
   */
  static int index(Dataset<Row> rows, String name, List<DataType> types, String advice) {
    StructField[] fields = rows.schema().fields();
    int[] named = named(rows, name);
    if (named.length != 1) {
      throw new IllegalArgumentException(
          (named.length == 0
                  ? "there is no column \"" + name + "\""
                  : "column \"" + name + "\" is ambiguous")
              + "; there are "
              + String.join(", ", rows.schema().fieldNames()));
    }
    DataType type = fields[named[0]].dataType();
    if (!types.contains(type)) {
      throw new IllegalArgumentException(
          "column \"" + name + "\" is of type " + type.sql() + "; " + advice);
    }
    return named[0];
  }

  /** The index of a column of texts. */
  static int text(Dataset<Row> rows, String name) {
    return index(rows, name, List.of(DataTypes.StringType), "expected STRING");
  }

  /**
   * The columns with one more.
   *
   * @throws IllegalArgumentException if it already exists
   */
  static StructType with(Dataset<Row> rows, String name, DataType type) {
    int[] named = named(rows, name);
    if (named.length > 0) {
      throw new IllegalArgumentException(
          "there is a column \""
              + rows.schema().fieldNames()[named[0]]
              + "\" already; expected another name for the result");
    }
    return rows.schema().add(name, type, true);
  }

  /** The columns that Spark would match to a name. */
  private static int[] named(Dataset<Row> rows, String name) {
    boolean exact =
        Boolean.parseBoolean(rows.sparkSession().conf().get("spark.sql.caseSensitive", "false"));
    String[] names = rows.schema().fieldNames();
    return IntStream.range(0, names.length)
        .filter(i -> exact ? names[i].equals(name) : names[i].equalsIgnoreCase(name))
        .toArray();
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
