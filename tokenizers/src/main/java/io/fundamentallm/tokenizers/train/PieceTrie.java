package io.fundamentallm.tokenizers.train;

import java.util.Arrays;

/** Pieces by their characters: a trie whose edges are in an open-addressing table. */
final class PieceTrie {
  private static final long FREE = -1;

  /** Bits of a code point. */
  private static final int CHARACTER = 21;

  private long[] edges = new long[1 << 10];
  private int[] targets = new int[1 << 10];
  private int nodes = 1;
  private final int[] ends; // [pieces], the node of each
  private int[] pieces = {}; // [nodes], -1 if no piece ends there

  /** All but the unknown, with these numbers. */
  PieceTrie(PieceSet set, int[] text) {
    Arrays.fill(edges, FREE);
    ends = new int[set.size()];
    for (int piece = 1; piece < set.size(); piece++) {
      int node = 0;
      for (int i = set.start(piece); i < set.start(piece) + set.length(piece); i++) {
        node = add(node, text[i]);
      }
      ends[piece] = node;
    }
    pieces = new int[nodes];
    Arrays.fill(pieces, -1);
    for (int piece = 1; piece < set.size(); piece++) {
      pieces[ends[piece]] = piece;
    }
  }

  /** Renumbers the pieces; those that are gone get -1. */
  void renumber(int[] numbers) {
    for (int node = 0; node < nodes; node++) {
      if (pieces[node] >= 0) {
        pieces[node] = numbers[pieces[node]];
      }
    }
  }

  /** The node after this one, -1 if there is none; the root is 0. */
  int step(int node, int character) {
    long edge = (long) node << CHARACTER | character;
    int mask = edges.length - 1;
    int slot = hash(edge) & mask;
    while (edges[slot] != edge) {
      if (edges[slot] == FREE) {
        return -1;
      }
      slot = slot + 1 & mask;
    }
    return targets[slot];
  }

  /** The piece that ends at a node, -1 for none. */
  int piece(int node) {
    return pieces[node];
  }

  private int add(int node, int character) {
    int next = step(node, character);
    if (next < 0) {
      if (nodes > edges.length / 2) {
        grow();
      }
      next = nodes++;
      put((long) node << CHARACTER | character, next);
    }
    return next;
  }

  private void put(long edge, int target) {
    int mask = edges.length - 1;
    int slot = hash(edge) & mask;
    while (edges[slot] != FREE) {
      slot = slot + 1 & mask;
    }
    edges[slot] = edge;
    targets[slot] = target;
  }

  private void grow() {
    long[] oldEdges = edges;
    int[] oldTargets = targets;
    edges = new long[2 * oldEdges.length];
    targets = new int[edges.length];
    Arrays.fill(edges, FREE);
    for (int i = 0; i < oldEdges.length; i++) {
      if (oldEdges[i] != FREE) {
        put(oldEdges[i], oldTargets[i]);
      }
    }
  }

  private static int hash(long edge) {
    long mixed = edge * 0x9E3779B97F4A7C15L; // Knuth's multiplier, 2^64 over the golden ratio
    return (int) (mixed >>> 32 ^ mixed >>> 15);
  }
}
