package io.fundamentallm.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * What happened to the files of a folder, and what of it a disk would hold without power. The
 * strictest disk that POSIX allows: before it is synced a file has no content, and of the changes
 * to a directory any may be there or not. Thread-safe while it is recorded.
 */
final class RecordedDisk {
  /** A file or directory, whatever its name. */
  private record Node(int id, boolean directory) {}

  /** One thing that happened. */
  private sealed interface Change {}

  /** Names in a directory: {@code node} leaves the one, and comes under the other. */
  private record Named(Node in, Node node, String from, String to) implements Change {}

  /** A file has what was not synced. */
  private record Written(Node file) implements Change {}

  /** A file or directory was synced. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Synced(Node node, byte[] content) implements Change {}

  private final Path root;
  private final Map<Path, Node> nodes = new HashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private int last;

  /** Begins with an empty folder, which is on the disk. */
  RecordedDisk(Path root) {
    this.root = root.toAbsolutePath();
    nodes.put(this.root, new Node(0, true));
  }

  synchronized void created(Path path, boolean directory) {
    Node node = new Node(++last, directory);
    add(path, new Named(parent(path), node, "", name(path)));
    nodes.put(path, node);
    if (!directory) {
      changes.add(new Written(node));
    }
  }

  synchronized void deleted(Path path) {
    add(path, new Named(parent(path), nodes.remove(path), name(path), ""));
  }

  synchronized void renamed(Path from, Path to) {
    if (!from.getParent().equals(to.getParent())) {
      throw new UnsupportedOperationException(from + " went to another directory: " + to);
    }
    Node node = nodes.remove(from);
    add(from, new Named(parent(from), node, name(from), name(to)));
    nodes.put(to, node);
    for (Path inside : List.copyOf(nodes.keySet())) {
      if (inside.startsWith(from)) {
        nodes.put(to.resolve(from.relativize(inside)), nodes.remove(inside));
      }
    }
  }

  synchronized void written(Path file) {
    Node node = nodes.get(file);
    Change change = new Written(node);
    if (changes.isEmpty() || !changes.get(changes.size() - 1).equals(change)) {
      changes.add(change);
    }
  }

  synchronized void forced(Path path) throws IOException {
    Node node = nodes.get(path);
    if (node != null) { // else it lies above
      changes.add(new Synced(node, node.directory ? new byte[0] : Files.readAllBytes(path)));
    }
  }

  private void add(Path path, Change change) {
    if (!path.startsWith(root)) {
      throw new UnsupportedOperationException(path + " lies outside " + root);
    }
    changes.add(change);
  }

  private Node parent(Path path) {
    return nodes.get(path.getParent());
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /** How much has happened. */
  synchronized int moment() {
    return changes.size();
  }

  /**
   * What the disk holds when the power fails.
   *
   * @param moment after so many changes
   * @param kept whether a change to a directory that was not synced is there nevertheless
   * @return contents by path, with slashes; a directory ends with one
   */
  synchronized SortedMap<String, byte[]> after(int moment, BooleanSupplier kept) {
    Map<Node, Map<String, Node>> names = new HashMap<>();
    Map<Node, List<Named>> unsynced = new LinkedHashMap<>();
    Map<Node, byte[]> contents = new HashMap<>();
    for (Change change : changes.subList(0, moment)) {
      if (change instanceof Named named) {
        unsynced.computeIfAbsent(named.in, in -> new ArrayList<>()).add(named);
      } else if (change instanceof Written written) {
        contents.remove(written.file);
      } else if (change instanceof Synced synced && synced.node.directory) {
        List<Named> due = unsynced.remove(synced.node);
        if (due != null) {
          due.forEach(named -> apply(named, names));
        }
      } else if (change instanceof Synced synced) {
        contents.put(synced.node, synced.content);
      }
    }
    unsynced.values().stream()
        .flatMap(List::stream)
        .filter(named -> kept.getAsBoolean())
        .forEach(named -> apply(named, names));
    SortedMap<String, byte[]> all = new TreeMap<>();
    list(nodes.get(root), "", names, contents, all);
    return all;
  }

  private static void apply(Named named, Map<Node, Map<String, Node>> names) {
    Map<String, Node> there = names.computeIfAbsent(named.in, in -> new TreeMap<>());
    there.remove(named.from);
    if (!named.to.isEmpty()) {
      there.put(named.to, named.node);
    }
  }

  private static void list(
      Node in,
      String path,
      Map<Node, Map<String, Node>> names,
      Map<Node, byte[]> contents,
      SortedMap<String, byte[]> all) {
    names
        .getOrDefault(in, Map.of())
        .forEach(
            (name, node) -> {
              if (node.directory) {
                all.put(path + name + "/", new byte[0]);
                list(node, path + name + "/", names, contents, all);
              } else {
                all.put(path + name, contents.getOrDefault(node, new byte[0]));
              }
            });
  }
}
