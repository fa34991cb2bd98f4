package io.fundamentallm.jsonschemas;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A type without variables. Equal for equal types, whoever made them.
 *
 * @param raw the class; of every array, that of {@code Object[]}
 * @param arguments what it is of; of an array, what is in it
 */
record Shape(Class<?> raw, List<Shape> arguments) {
  /**
   * The shape of a type.
   *
   * @param variables what they stand for
   * @throws IllegalArgumentException for a variable that stands for nothing
   */
  static Shape of(Type type, Map<TypeVariable<?>, Shape> variables) {
    if (type instanceof Class<?> plain) {
      return plain.isArray()
          ? new Shape(Object[].class, List.of(of(plain.getComponentType(), variables)))
          : new Shape(plain, List.of());
    } else if (type instanceof ParameterizedType applied) {
      return new Shape(
          (Class<?>) applied.getRawType(),
          Arrays.stream(applied.getActualTypeArguments())
              .map(argument -> of(argument, variables))
              .toList());
    } else if (type instanceof GenericArrayType array) {
      return new Shape(Object[].class, List.of(of(array.getGenericComponentType(), variables)));
    } else if (type instanceof WildcardType any) {
      return of(any.getUpperBounds()[0], variables);
    }
    Shape known = type instanceof TypeVariable<?> variable ? variables.get(variable) : null;
    if (known == null) {
      throw new IllegalArgumentException("nothing says what " + type.getTypeName() + " stands for");
    }
    return known;
  }

  /** What the variables of the class stand for. */
  Map<TypeVariable<?>, Shape> variables() {
    Map<TypeVariable<?>, Shape> variables = new HashMap<>();
    TypeVariable<?>[] names = raw.getTypeParameters();
    for (int i = 0; i < names.length && i < arguments.size(); i++) {
      variables.put(names[i], arguments.get(i));
    }
    return variables;
  }
}
