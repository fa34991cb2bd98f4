/** What a model directory says of its model beside the weights, read alike for all runtimes. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.directory;
