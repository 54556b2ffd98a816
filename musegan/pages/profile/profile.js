// The page of a profile: its sections in their order.

timelineSection();
rowsSection();
treeSection();
rooflineSection();
memorySection();
