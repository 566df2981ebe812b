@staff
Feature: Keeping the catalogue
  Staff import a catalogue all at once or not at all, change prices and withdraw what is over.

  Scenario: A catalogue is imported, and a second time changes nothing
    When staff import
      | sku            | price  | seats |
      | 14.310x-1T2027 | 199.99 | 10    |
      | 6.86x-1T2027   | 39.33  |       |
    Then the import added 2, changed 0 and left 0
    When staff import
      | sku            | price  | seats |
      | 14.310x-1T2027 | 199.99 | 10    |
      | 6.86x-1T2027   | 39.33  |       |
    Then the import added 0, changed 0 and left 2
    And the price of "6.86x-1T2027" was $39.33

  Scenario: A changed price makes one new version
    When staff import
      | sku            | price  | seats |
      | 14.310x-1T2027 | 199.99 |       |
    And staff import
      | sku            | price  | seats |
      | 14.310x-1T2027 | 249.99 |       |
    Then the import added 0, changed 1 and left 0
    And the price of "14.310x-1T2027" was $199.99, $249.99

  Scenario Outline: One bad cell keeps everything out, and is named
    When staff import
      | sku            | price   | seats   |
      | 14.310x-1T2027 | 199.99  |         |
      | 6.86x-1T2027   | <price> | <seats> |
    Then staff are refused, because "<why>"
    And there is no "14.310x-1T2027" in the shop

    Examples:
      | price  | seats | why                                          |
      | -1.00  |       | line 3, price: the price -1.00 is below nothing |
      | 19.999 |       | line 3, price: "19.999" is not an amount of USD |
      | 19.99  | many  | line 3, seats: "many" is not a number of seats |

  Scenario: A new price is for those who have not ordered yet
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When staff change the price of "6.86x-1T2027" to $49.33
    Then ada's order costs $39.33
    When bob puts "6.86x-1T2027" in his basket
    Then bob's basket costs $49.33

  Scenario: What is withdrawn is sold no more, and can be put back
    Given the shop sells the run "6.86x-1T2027" for $39.33
    When staff withdraw "6.86x-1T2027"
    And ada puts "6.86x-1T2027" in her basket
    Then the shop refuses, because "is no longer sold"
    When staff put "6.86x-1T2027" back on sale
    And ada puts "6.86x-1T2027" in her basket
    Then ada's basket costs $39.33

  Scenario: The journal says who changed what, and why
    Given the shop sells the run "6.86x-1T2027" for $39.33
    When staff change the price of "6.86x-1T2027" to $49.33
    And staff withdraw "6.86x-1T2027"
    Then the journal of "6.86x-1T2027" says
      | who | what                  | why           |
      | eve | on-sale → withdrawn   |               |
      | eve | price $39.33 → $49.33 | fees have gone up |
