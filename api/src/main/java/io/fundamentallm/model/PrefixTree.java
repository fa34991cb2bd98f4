package io.fundamentallm.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The beginnings that a {@link PrefixCache} holds in memory: for each model a radix tree over token
 * ids, as SGLang's RadixAttention has it (Zheng et al. 2024), whose nodes hold sessions. Sequences
 * that begin alike share nodes, and so the blocks of keys and values that their sessions share. One
 * thread at a time.
 */
final class PrefixTree {
  /** Tokens that follow one another in everything that begins like this. */
  static final class Node {
    final LanguageModel model;
    private @Nullable Node parent;

    /** The tokens after those of the parent; at least one. */
    private int[] edge;

    /** How many tokens from the root on. */
    private int end;

    /** Holds all tokens from the root on. */
    private Session session;

    /** What the session takes. */
    private long whole;

    /** What of this is the parent's too: all but a block at which the two part. */
    private long shared;

    private final Map<Integer, Node> children = new HashMap<>(2);

    Node(LanguageModel model, @Nullable Node parent, int[] edge, int end, Session session) {
      this.model = model;
      this.parent = parent;
      this.edge = edge;
      this.end = end;
      this.session = session;
    }

    /** What the session takes in addition to that of the parent. */
    private long bytes() {
      return whole - shared;
    }
  }

  private final IdentityHashMap<LanguageModel, Map<Integer, Node>> roots = new IdentityHashMap<>();

  /**
   * What may be dropped, the least recently used first. A node is used whenever one below it is,
   * and last; so a node comes after those below it.
   */
  private final Set<Node> unused = new LinkedHashSet<>();

  /** What stays, and all above it. */
  private final Set<Node> pinned = new HashSet<>();

  private long tokens;
  private long bytes;

  /** How many tokens, those of shared beginnings once. */
  long tokens() {
    return tokens;
  }

  /** The memory that is held, at most: a block at which sequences part may count twice. */
  long bytes() {
    return bytes;
  }

  boolean holds(LanguageModel model) {
    return roots.containsKey(model);
  }

  /** The deepest node on the way, and how many tokens of the sequence the way to or in it has. */
  private record Match(@Nullable Node node, int length) {}

  private Match match(LanguageModel model, int[] sequence, int limit) {
    Node at = null;
    Map<Integer, Node> children = roots.getOrDefault(model, Map.of());
    int length = 0;
    while (length < limit) {
      Node child = children.get(sequence[length]);
      if (child == null) {
        break;
      }
      int here = Math.min(child.edge.length, limit - length);
      int different = Arrays.mismatch(child.edge, 0, here, sequence, length, length + here);
      length += different < 0 ? here : different;
      at = child;
      if (length < child.end) {
        break;
      }
      children = child.children;
    }
    return new Match(at, length);
  }

  /** How many of the first tokens are held, of a sequence's first {@code limit}. */
  int length(LanguageModel model, int[] sequence, int limit) {
    return match(model, sequence, limit).length;
  }

  /** A new session with as many of a sequence's first {@code limit} tokens as are held, if any. */
  @Nullable Session fork(LanguageModel model, int[] sequence, int limit) {
    Match match = match(model, sequence, limit);
    if (match.node == null) {
      return null;
    }
    use(match.node);
    return forked(match.node, match.length);
  }

  private static Session forked(Node node, int length) {
    Session session = node.session.fork();
    boolean done = false;
    try {
      session.truncate(length);
      done = true;
      return session;
    } finally {
      if (!done) {
        session.close();
      }
    }
  }

  /**
   * Adds a fork of a session, with no more memory than what is not yet held. The session itself
   * gives up what it held twice.
   *
   * @param sequence its tokens; at least one
   */
  void add(LanguageModel model, int[] sequence, Session session) {
    Match match = match(model, sequence, sequence.length);
    Node at = match.node;
    if (at != null) {
      session.shareBeginning(at.session, match.length);
    }
    if (match.length < sequence.length) {
      if (at != null && match.length < at.end) {
        at = split(at, match.length);
      }
      int[] edge = Arrays.copyOfRange(sequence, match.length, sequence.length);
      at =
          at == null || !isPlainLeaf(at)
              ? leaf(model, at, edge, session)
              : longer(at, edge, session);
    }
    if (at != null) {
      use(at);
    }
  }

  private boolean isPlainLeaf(Node node) {
    return node.children.isEmpty() && !pinned.contains(node);
  }

  private Node leaf(LanguageModel model, @Nullable Node parent, int[] edge, Session session) {
    int end = (parent == null ? 0 : parent.end) + edge.length;
    Node leaf = new Node(model, parent, edge, end, session.fork());
    below(model, parent).put(edge[0], leaf);
    tokens += edge.length;
    count(leaf);
    return leaf;
  }

  /** The same node, for what extends it. */
  private Node longer(Node leaf, int[] edge, Session session) {
    Session fork = session.fork();
    leaf.session.close();
    leaf.session = fork;
    int before = leaf.edge.length;
    leaf.edge = Arrays.copyOf(leaf.edge, before + edge.length);
    System.arraycopy(edge, 0, leaf.edge, before, edge.length);
    leaf.end += edge.length;
    tokens += edge.length;
    count(leaf);
    return leaf;
  }

  /** Parts the edge of a node; the new node above it. */
  private Node split(Node node, int end) {
    Session session = forked(node, end);
    int above = node.edge.length - (node.end - end);
    int[] edge = Arrays.copyOf(node.edge, above);
    Node upper = new Node(node.model, node.parent, edge, end, session);
    below(node.model, node.parent).put(edge[0], upper);
    node.edge = Arrays.copyOfRange(node.edge, above, node.edge.length);
    node.parent = upper;
    upper.children.put(node.edge[0], node);
    count(upper);
    count(node);
    if (!pinned.contains(node)) {
      use(node);
    }
    use(upper);
    return upper;
  }

  private Map<Integer, Node> below(LanguageModel model, @Nullable Node parent) {
    return parent == null ? roots.computeIfAbsent(model, m -> new HashMap<>(2)) : parent.children;
  }

  /** Counts a node's memory anew. */
  private void count(Node node) {
    bytes -= node.bytes();
    node.whole = bytesOf(node.model, node.session);
    node.shared =
        node.parent == null ? 0 : node.session.shareBeginning(node.parent.session, node.parent.end);
    bytes += node.bytes();
  }

  /** What a session takes; keys and values of 32 bits for each head if the runtime cannot say. */
  static long bytesOf(LanguageModel model, Session session) {
    long bytes = session.bytes();
    ModelInfo info = model.info();
    return bytes >= 0
        ? bytes
        : 8L * Math.max(1, info.layers()) * Math.max(1, info.hiddenSize()) * session.length();
  }

  private void use(Node node) {
    for (Node at = node; at != null; at = at.parent) {
      if (!pinned.contains(at)) {
        unused.remove(at);
        unused.add(at);
      }
    }
  }

  /**
   * Keeps the beginning that a held sequence is from being dropped.
   *
   * @return false if it was kept already
   */
  boolean pin(LanguageModel model, int[] sequence) {
    Match match = match(model, sequence, sequence.length);
    if (match.node == null || match.length < sequence.length) {
      throw new IllegalStateException("what is to be pinned is not held");
    }
    Node node = match.length < match.node.end ? split(match.node, match.length) : match.node;
    unused.remove(node);
    return pinned.add(node);
  }

  /** The memory of all that is pinned; what pinned sequences begin with alike counts once. */
  long pinnedBytes() {
    Set<Node> kept = new HashSet<>();
    long taken = 0;
    for (Node node : pinned) {
      long shared = node.whole; // with what is counted already
      for (Node at = node; at != null && kept.add(at); at = at.parent) {
        shared = at.shared;
      }
      taken += node.whole - shared;
    }
    return taken;
  }

  /** Lets it be dropped again; does nothing if it was not pinned. */
  void unpin(LanguageModel model, int[] sequence) {
    Match match = match(model, sequence, sequence.length);
    if (match.node != null && match.length == sequence.length && match.node.end == match.length) {
      pinned.remove(match.node);
      use(match.node);
      joinOnlyChild(match.node);
    }
  }

  /**
   * Drops what was not used for the longest time.
   *
   * @param only of this model; null for any
   * @return false if there is nothing that may be dropped
   */
  boolean dropOldest(@Nullable LanguageModel only) {
    for (Node node : unused) {
      if (node.children.isEmpty() && (only == null || node.model == only)) {
        unused.remove(node);
        drop(node);
        return true;
      }
    }
    return false;
  }

  private void drop(Node node) {
    Map<Integer, Node> siblings = below(node.model, node.parent);
    siblings.remove(node.edge[0]);
    if (node.parent == null && siblings.isEmpty()) {
      roots.remove(node.model);
    }
    tokens -= node.edge.length;
    bytes -= node.bytes();
    node.session.close();
    if (node.parent != null) {
      joinOnlyChild(node.parent);
    }
  }

  /**
   * Undoes a {@link #split} of which only the lower part has anything below it: else a pinned
   * beginning would keep a node, and a part of a block, for each place at which something ever
   * parted from it. Asks nothing of the sessions: their model may be closed.
   */
  private void joinOnlyChild(Node node) {
    if (node.children.size() != 1 || pinned.contains(node)) {
      return;
    }
    Node child = node.children.values().iterator().next();
    unused.remove(node);
    bytes -= node.bytes() + child.bytes();
    int[] edge = Arrays.copyOf(node.edge, node.edge.length + child.edge.length);
    System.arraycopy(child.edge, 0, edge, node.edge.length, child.edge.length);
    child.edge = edge;
    child.parent = node.parent;
    child.shared = node.shared;
    below(node.model, node.parent).put(edge[0], child);
    bytes += child.bytes();
    node.session.close();
  }

  /** Drops everything, pinned or not. */
  void clear() {
    roots.values().forEach(PrefixTree::close);
    roots.clear();
    unused.clear();
    pinned.clear();
    tokens = 0;
    bytes = 0;
  }

  private static void close(Map<Integer, Node> nodes) {
    for (Node node : nodes.values()) {
      close(node.children);
      node.session.close();
    }
  }
}
