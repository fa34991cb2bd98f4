package io.fundamentallm.architecture;

import static java.util.stream.Collectors.joining;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.lang.module.ModuleDescriptor.Requires;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Modules and rooms as text, from descriptors and class files. */
final class Drawings {
  private Drawings() {}

  /** What each module requires; in brackets what it does without. */
  static String modules() {
    Map<String, String> rows = new TreeMap<>();
    for (PublishedModule module : PublishedModule.all()) {
      rows.put(
          module.descriptor().name(),
          module.descriptor().requires().stream()
              .filter(required -> !required.name().equals("org.jspecify")) // annotations
              .sorted(Comparator.comparing(Drawings::isOptional).thenComparing(Requires::name))
              .map(required -> isOptional(required) ? "[" + required.name() + "]" : required.name())
              .collect(joining(" ")));
    }
    return table(rows);
  }

  private static boolean isOptional(Requires required) {
    return required.modifiers().contains(Requires.Modifier.STATIC);
  }

  /** The rooms of a module, from the roof to the ground, and of its own rooms those each uses. */
  static String rooms(String name) {
    JavaClasses classes = PublishedModule.named(name).classes();
    Map<String, Set<String>> uses = new TreeMap<>();
    classes.forEach(type -> uses.put(type.getPackageName(), new TreeSet<>()));
    for (JavaClass type : classes) {
      Set<String> used = uses.get(type.getPackageName());
      type.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType().getPackageName())
          .filter(room -> !room.equals(type.getPackageName()))
          .filter(uses::containsKey)
          .forEach(used::add);
    }
    List<String> down =
        uses.keySet().stream()
            .sorted(
                Comparator.comparing((String room) -> -height(room, uses))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    StringBuilder drawing = new StringBuilder();
    int width = down.stream().mapToInt(room -> shortened(room, name).length()).max().orElseThrow();
    for (String room : down) {
      String used =
          uses.get(room).stream()
              .map(other -> shortened(other, name))
              .sorted()
              .collect(joining(" "));
      drawing.append(
          ("%2d  %-" + width + "s  %s")
              .formatted(height(room, uses), shortened(room, name), used)
              .stripTrailing());
      drawing.append('\n');
    }
    return drawing.toString();
  }

  /** Floors below it. */
  private static int height(String room, Map<String, Set<String>> uses) {
    return uses.get(room).stream().mapToInt(below -> 1 + height(below, uses)).max().orElse(0);
  }

  private static String shortened(String room, String module) {
    return room.equals(module) ? module : room.substring(module.length() + 1);
  }

  private static String table(Map<String, String> rows) {
    int width = rows.keySet().stream().mapToInt(String::length).max().orElseThrow();
    return rows.entrySet().stream()
        .map(row -> ("%-" + width + "s  needs %s\n").formatted(row.getKey(), row.getValue()))
        .collect(joining());
  }
}
