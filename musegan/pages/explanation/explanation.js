// The page of an explanation: its sections in their order. The graph takes words of the list before that gets marks.

graphSection();
stepsSection();
mapsSection();
pullsSection();
waysSection();
