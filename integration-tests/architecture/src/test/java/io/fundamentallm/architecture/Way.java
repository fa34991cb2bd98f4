package io.fundamentallm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaCodeUnitReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A method and the calls that it leads to, drawn as a tree. Each is looked up in the class files:
 * one that no longer exists, or that the method does not make, is an error.
 *
 * @param type whose method it is
 * @param method its name
 * @param made the class that stands behind an interface here; else the type itself
 * @param next what it calls, itself or through others of its class
 */
record Way(JavaClass type, String method, JavaClass made, List<Way> next) {
  private static final String NEW = "<init>";

  /**
   * A way in lines, indented by two spaces for each level: {@code package.Type.method}, and {@code
   * = package.Type} behind an interface. Packages are below {@code io.fundamentallm}.
   */
  static Way of(String lines) {
    List<Way> open = new ArrayList<>(); // from the beginning to the line before
    for (String line : lines.lines().toList()) {
      int depth = (line.length() - line.stripLeading().length()) / 2;
      Way way = line(line.strip());
      open.subList(depth, open.size()).clear();
      if (depth > 0) {
        Way caller = open.get(depth - 1);
        assertThat(caller.calls(way.type, way.method))
            .as(
                "%s.%s calls %s.%s",
                caller.made.getName(), caller.method, way.type.getName(), way.method)
            .isTrue();
        caller.next.add(way);
      }
      open.add(way);
    }
    return open.get(0);
  }

  private static Way line(String line) {
    String[] parts = line.split(" = ", 2);
    int dot = parts[0].lastIndexOf('.');
    JavaClass type = type(parts[0].substring(0, dot));
    JavaClass made = parts.length == 1 ? type : type(parts[1]);
    assertThat(made.isAssignableTo(type.getName()))
        .as("%s is a %s", made.getName(), type.getName())
        .isTrue();
    return new Way(type, parts[0].substring(dot + 1), made, new ArrayList<>());
  }

  private static JavaClass type(String name) {
    String whole = PublishedModule.API + "." + name;
    String owner = PublishedModule.owner(whole.substring(0, whole.lastIndexOf('.')));
    return PublishedModule.named(owner).classes().get(whole);
  }

  /** Whether the method calls this, itself or through others of its class and of those within. */
  private boolean calls(JavaClass callee, String name) {
    Set<JavaCodeUnit> reached = new LinkedHashSet<>(begun());
    Deque<JavaCodeUnit> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      JavaCodeUnit unit = open.remove();
      for (CodeUnitAccessTarget target : targets(unit, JavaCodeUnitAccess.class).toList()) {
        // by names: each module has classes of its own of what it needs
        if (target.getName().equals(name) && target.getOwner().getName().equals(callee.getName())) {
          return true;
        }
        own().filter(other -> isMeant(other, target)).filter(reached::add).forEach(open::add);
      }
    }
    return false;
  }

  /** The method, and those that its class has handed out as callbacks when it was made. */
  private List<JavaCodeUnit> begun() {
    List<JavaCodeUnit> begun =
        new ArrayList<>(
            made.getCodeUnits().stream().filter(unit -> unit.getName().equals(method)).toList());
    assertThat(begun).as("%s has a method %s", made.getName(), method).isNotEmpty();
    made.getConstructors().stream()
        .flatMap(constructor -> targets(constructor, JavaCodeUnitReference.class))
        .flatMap(target -> own().filter(unit -> isMeant(unit, target)))
        .forEach(begun::add);
    return begun;
  }

  /** Whether the target is this method, or makes an object of a class within that has it. */
  private boolean isMeant(JavaCodeUnit unit, CodeUnitAccessTarget target) {
    return unit.getOwner().equals(target.getOwner())
        && (unit.getName().equals(target.getName())
            || (target.getName().equals(NEW) && !unit.getOwner().equals(made)));
  }

  /** What a method calls or refers to, in lambdas as well. */
  private static Stream<CodeUnitAccessTarget> targets(JavaCodeUnit unit, Class<?> kind) {
    return unit.getAccessesFromSelf().stream()
        .filter(kind::isInstance)
        .map(access -> (CodeUnitAccessTarget) access.getTarget());
  }

  /** The methods and constructors of the class and of those within. */
  private Stream<JavaCodeUnit> own() {
    return PublishedModule.named(PublishedModule.owner(made.getPackageName())).classes().stream()
        .filter(one -> (one.getName() + "$").startsWith(made.getName() + "$"))
        .flatMap(one -> one.getCodeUnits().stream());
  }

  private static String named(JavaClass type) {
    return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
  }

  /** The tree, with the package of each type in a second column. */
  String drawn() {
    List<String[]> rows = new ArrayList<>();
    draw("", "", rows);
    int width = rows.stream().mapToInt(row -> row[0].length()).max().orElseThrow();
    StringBuilder drawing = new StringBuilder();
    rows.forEach(row -> drawing.append(("%-" + width + "s  %s\n").formatted(row[0], row[1])));
    return drawing.toString();
  }

  private void draw(String branch, String indent, List<String[]> rows) {
    String call =
        switch (method) {
          case NEW -> "new " + named(type);
          default -> named(type) + "." + method;
        };
    rows.add(new String[] {branch + call, type.getPackageName()});
    if (!made.equals(type)) {
      String line = next.isEmpty() ? "   " : "│  ";
      rows.add(new String[] {indent + line + "by " + named(made), made.getPackageName()});
    }
    for (int i = 0; i < next.size(); i++) {
      boolean last = i == next.size() - 1;
      next.get(i).draw(indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "), rows);
    }
  }
}
