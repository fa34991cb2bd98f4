package io.fundamentallm.spark;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.ContextFullException;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.util.AttributeNameParser$;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** The input columns of a computation, and the columns that it adds. */
final class Columns {
  private Columns() {}

  /**
   * Where a column is, by the session's rules for upper and lower case.
   *
   * @param name of a column, or of a field within one, such as {@code document.body}; a column
   *     whose name has the dot comes first. Backticks quote a part, as in Spark's expressions
   * @param types which it may have
   * @param advice what to do if it has another
   * @throws IllegalArgumentException if there is none, or more than one, or it has another type
   */
  static ColumnPath path(Dataset<Row> rows, String name, List<DataType> types, String advice) {
    List<String> names = named(rows, rows.schema(), name).length > 0 ? List.of(name) : parts(name);
    List<Integer> indices = new ArrayList<>();
    DataType type = rows.schema();
    for (String part : names) {
      int[] named = type instanceof StructType fields ? named(rows, fields, part) : new int[0];
      if (named.length != 1) {
        throw new IllegalArgumentException(
            (named.length == 0
                    ? "there is no column \"" + name + "\""
                    : "column \"" + name + "\" is ambiguous")
                + "; there are "
                + String.join(
                    ", ",
                    (type instanceof StructType fields ? fields : rows.schema()).fieldNames()));
      }
      indices.add(named[0]);
      type = ((StructType) type).fields()[named[0]].dataType();
    }
    if (!types.contains(type)) {
      throw new IllegalArgumentException(
          "column \"" + name + "\" is of type " + type.sql() + "; " + advice);
    }
    return new ColumnPath(name, indices);
  }

  private static List<String> parts(String name) {
    if (name.indexOf('`') < 0) {
      return List.of(name.split("\\.", -1));
    }
    try {
      return CollectionConverters.asJava(AttributeNameParser$.MODULE$.parseAttributeName(name));
    } catch (Exception e) { // Scala throws checked exceptions undeclared
      throw new IllegalArgumentException(
          "\"" + name + "\" is no name of a column: " + e.getMessage(), e);
    }
  }

  /** Where a column of texts is. */
  static ColumnPath text(Dataset<Row> rows, String name) {
    return path(rows, name, List.of(DataTypes.StringType), "expected STRING");
  }

  /**
   * The columns with one more, and one for the reasons of rows that fail if it has a name.
   *
   * @throws IllegalArgumentException if one already exists
   */
  static StructType with(Dataset<Row> rows, String name, DataType type, @Nullable String errors) {
    StructType schema = added(rows, rows.schema(), name, type, "result");
    return errors == null ? schema : added(rows, schema, errors, DataTypes.StringType, "errors");
  }

  private static StructType added(
      Dataset<Row> rows, StructType columns, String name, DataType type, String what) {
    int[] named = named(rows, columns, name);
    if (named.length > 0) {
      throw new IllegalArgumentException(
          "there is a column \""
              + columns.fieldNames()[named[0]]
              + "\" already; expected another name for the "
              + what);
    }
    return columns.add(name, type, true);
  }

  /** The fields that Spark would match to a name. */
  private static int[] named(Dataset<Row> rows, StructType fields, String name) {
    boolean exact =
        Boolean.parseBoolean(rows.sparkSession().conf().get("spark.sql.caseSensitive", "false"));
    String[] names = fields.fieldNames();
    return IntStream.range(0, names.length)
        .filter(i -> exact ? names[i].equals(name) : names[i].equalsIgnoreCase(name))
        .toArray();
  }

  /**
   * The row with one more value, or with a value and why there is none.
   *
   * @param reasons whether a failure that the row's own values cause is a reason, rather than the
   *     end of the task
   */
  static Row with(Row row, boolean reasons, Supplier<? extends @Nullable Object> computation) {
    @Nullable Object[] values = new @Nullable Object[row.size() + (reasons ? 2 : 1)];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    try {
      values[row.size()] = computation.get();
    } catch (RuntimeException e) {
      if (!reasons || !isOfOneRow(e)) {
        throw e;
      }
      values[row.size() + 1] = e.getMessage() == null ? e.toString() : e.getMessage();
    }
    return RowFactory.create(values);
  }

  /** Whether the row's values are the cause. Any other failure may be of all rows, or a bug. */
  private static boolean isOfOneRow(RuntimeException e) {
    return e instanceof IllegalArgumentException
        || e instanceof ContextFullException
        || e instanceof NoTokenException
        || e instanceof ConstraintException
        || e instanceof NotFiniteException;
  }
}
