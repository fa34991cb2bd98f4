/**
 * All comparisons by one command: each in a process of its own, their figures as the tables and
 * charts of {@code RESULTS.md}.
 */
@NullMarked
package io.fundamentallm.benchmarks.report;

import org.jspecify.annotations.NullMarked;
