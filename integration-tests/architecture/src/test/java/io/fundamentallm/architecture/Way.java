package io.fundamentallm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * A call and the calls that it leads to, drawn as a tree. Each is looked up in the class files: one
 * that no longer exists, or that another class makes, is an error.
 *
 * @param type what is called, or where the way begins
 * @param method its method; empty where the way begins
 * @param made the class that stands behind an interface here; else the type itself
 * @param next what it calls
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
      Way way = line(line.strip(), depth == 0);
      open.subList(depth, open.size()).clear();
      if (depth > 0) {
        Way caller = open.get(depth - 1);
        assertThat(caller.calls(way.type, way.method))
            .as("%s calls %s.%s", caller.made.getName(), way.type.getName(), way.method)
            .isTrue();
        caller.next.add(way);
      }
      open.add(way);
    }
    return open.get(0);
  }

  private static Way line(String line, boolean first) {
    String[] parts = line.split(" = ", 2);
    int dot = first ? parts[0].length() : parts[0].lastIndexOf('.');
    JavaClass type = type(parts[0].substring(0, dot));
    JavaClass made = parts.length == 1 ? type : type(parts[1]);
    assertThat(made.isAssignableTo(type.getName()))
        .as("%s is a %s", made.getName(), type.getName())
        .isTrue();
    return new Way(type, first ? "" : parts[0].substring(dot + 1), made, new ArrayList<>());
  }

  private static JavaClass type(String name) {
    String whole = PublishedModule.API + "." + name;
    String owner = PublishedModule.owner(whole.substring(0, whole.lastIndexOf('.')));
    return PublishedModule.named(owner).classes().get(whole);
  }

  /** Whether the class, or one nested in it, calls this. */
  private boolean calls(JavaClass callee, String name) {
    return PublishedModule.named(PublishedModule.owner(made.getPackageName())).classes().stream()
        .filter(one -> (one.getName() + "$").startsWith(made.getName() + "$"))
        .flatMap(one -> one.getCodeUnits().stream())
        .map(JavaCodeUnit::getCallsFromSelf)
        .flatMap(calls -> calls.stream())
        .map(call -> (CodeUnitCallTarget) call.getTarget())
        .anyMatch(
            target ->
                target.getName().equals(name)
                    && target.getOwner().getName().equals(callee.getName()));
  }

  /** The tree, with the package of each type in a second column. */
  String drawn() {
    List<String[]> rows = new ArrayList<>();
    draw("", "", rows);
    int width = rows.stream().mapToInt(row -> row[0].length()).max().orElseThrow();
    StringBuilder drawing = new StringBuilder();
    rows.forEach(row -> drawing.append(("%-" + width + "s  %s%n").formatted(row[0], row[1])));
    return drawing.toString();
  }

  private void draw(String branch, String indent, List<String[]> rows) {
    String call =
        switch (method) {
          case "" -> type.getSimpleName();
          case NEW -> "new " + type.getSimpleName();
          default -> type.getSimpleName() + "." + method;
        };
    rows.add(new String[] {branch + call, type.getPackageName()});
    if (!made.equals(type)) {
      String line = next.isEmpty() ? "   " : "│  ";
      rows.add(new String[] {indent + line + "by " + made.getSimpleName(), made.getPackageName()});
    }
    for (int i = 0; i < next.size(); i++) {
      boolean last = i == next.size() - 1;
      next.get(i).draw(indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "), rows);
    }
  }
}
