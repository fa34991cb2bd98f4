package io.fundamentallm.architecture;

import static java.util.stream.Collectors.joining;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What callers of a type compile against, a line for the type and each of its members. */
final class Signatures {
  private static final int SHOWN =
      Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.ABSTRACT | Modifier.FINAL;

  private Signatures() {}

  static List<String> of(Class<?> type) {
    List<String> lines = new ArrayList<>();
    lines.add(declaration(type));
    Stream<String> fields =
        Arrays.stream(type.getDeclaredFields())
            .filter(field -> isVisible(field.getModifiers()) && !field.isSynthetic())
            .map(Signatures::declaration);
    Stream<String> constructors =
        Arrays.stream(type.getDeclaredConstructors())
            .filter(made -> isVisible(made.getModifiers()) && !made.isSynthetic())
            .map(Signatures::declaration);
    Stream<String> methods =
        Arrays.stream(type.getDeclaredMethods())
            .filter(method -> isVisible(method.getModifiers()) && !method.isSynthetic())
            .map(Signatures::declaration);
    Stream.of(fields, constructors, methods)
        .flatMap(members -> members.sorted())
        .forEach(member -> lines.add("  " + member));
    return lines;
  }

  static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String declaration(Class<?> type) {
    String kind =
        type.isAnnotation()
            ? "@interface"
            : type.isInterface()
                ? "interface"
                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
    Type above = type.getGenericSuperclass();
    Class<?>[] permitted = type.isSealed() ? type.getPermittedSubclasses() : new Class<?>[0];
    Arrays.sort(
        permitted, Comparator.comparing(Class::getName)); // compilers order them each its way
    return modifiers(type.getModifiers())
        + kind
        + " "
        + type.getName()
        + parameters(type.getTypeParameters())
        + (above == null || above == Object.class ? "" : " extends " + above.getTypeName())
        + names(type.isInterface() ? " extends " : " implements ", type.getGenericInterfaces())
        + names(" permits ", permitted);
  }

  private static String declaration(Field field) {
    return modifiers(field.getModifiers())
        + field.getGenericType().getTypeName()
        + " "
        + field.getName();
  }

  private static String declaration(Constructor<?> made) {
    return modifiers(made.getModifiers()) + signature(made, "new");
  }

  private static String declaration(Method method) {
    return modifiers(method.getModifiers())
        + (method.isDefault() ? "default " : "")
        + method.getGenericReturnType().getTypeName()
        + " "
        + signature(method, method.getName());
  }

  private static String signature(Executable code, String name) {
    return name
        + parameters(code.getTypeParameters())
        + Arrays.stream(code.getGenericParameterTypes())
            .map(Type::getTypeName)
            .collect(joining(", ", "(", code.isVarArgs() ? " ...)" : ")"))
        + names(" throws ", code.getGenericExceptionTypes());
  }

  private static String modifiers(int modifiers) {
    String text = Modifier.toString(modifiers & SHOWN);
    return text.isEmpty() ? "" : text + " ";
  }

  private static String parameters(TypeVariable<?>[] variables) {
    return variables.length == 0
        ? ""
        : Arrays.stream(variables)
            .map(variable -> variable.getName() + names(" extends ", variable.getBounds()))
            .collect(joining(", ", "<", ">"));
  }

  private static String names(String before, Type[] types) {
    return types.length == 0
        ? ""
        : Arrays.stream(types).map(Type::getTypeName).collect(joining(", ", before, ""));
  }
}
