Feature: Financial assistance
  Learners tell what their household earns and where they live, and pay a price that fits. The runs
  of the DEDP courses list at $1,000.00.

  Background:
    Given staff set the tiers of "DEDP" for the program "DEDP-MM"
      | from  | saving |
      | 0     | 75%    |
      | 25000 | 50%    |
      | 50000 | 25%    |
      | 75000 | full   |

  Scenario Outline: From the form to the receipt
    When ada tells an income of <income> USD in "US"
    Then ada is told that "<told>"
    When ada buys "14.310x-1T2027"
    Then ada paid $<price>
    And ada's receipt says "<receipt>"

    Examples:
      | income | told                        | price   | receipt               |
      | 0      | You pay less: 75 % off.     | 250.00  | FINANCIAL-AID/DEDP-75 |
      | 24999  | You pay less: 75 % off.     | 250.00  | FINANCIAL-AID/DEDP-75 |
      | 25,000 | You pay less: 50 % off.     | 500.00  | FINANCIAL-AID/DEDP-50 |
      | 50000  | You pay less: 25 % off.     | 750.00  | FINANCIAL-AID/DEDP-25 |
      | 74999  | You pay less: 25 % off.     | 750.00  | FINANCIAL-AID/DEDP-25 |
      | 75000  | You pay the full price      | 1000.00 | $1,000.00             |

  Scenario Outline: What counts as much depends on the country
    Given staff import these limits
      | country | income | documents |
      | *       | 75000  | no        |
      | IN      | 15000  | no        |
    And staff import these rates
      | currency | per_usd | name         |
      | INR      | 88.25   | Indian rupee |
    When ada tells an income of <income> <currency> in "<country>"
    Then ada would pay $<price> for "14.310x-1T2027"

    Examples:
      | income    | currency | country | price    |
      | 4999      | USD      | IN      | 250.00   |
      | 5000      | USD      | IN      | 500.00   |
      | 14999     | USD      | IN      | 750.00   |
      | 15000     | USD      | IN      | 1,000.00 |
      | 15000     | USD      | KE      | 250.00   |
      | 4,41,249  | INR      | IN      | 250.00   |
      | 4,41,250  | INR      | IN      | 500.00   |
      | 13,23,750 | INR      | IN      | 1,000.00 |

  Scenario: The price stands beside the course, in the basket, and for nobody else
    When ada tells an income of 30000 USD in "US"
    Then ada reads "your financial assistance" beside "14.73x-1T2027"
    And ada would pay $500.00 for "14.73x-1T2027"
    And ada would pay $4,000.00 for "DEDP-MM"
    And ada would pay $39.33 for "STATS-1"
    And bob would pay $1,000.00 for "14.73x-1T2027"

  Scenario: Tiers can be prices, and the program can be among what they are for
    Given staff set the tiers of "DEDP" for the program "DEDP-MM" too
      | from  | saving          |
      | 0     | fixed-price:250 |
      | 40000 | fixed-price:600 |
      | 75000 | full            |
    When ada tells an income of 40000 USD in "US"
    Then ada would pay $600.00 for "14.310x-1T2027"
    And ada would pay $600.00 for "DEDP-MM"

  Scenario: Where documents are asked for, staff decide
    Given staff import these limits
      | country | income | documents |
      | *       | 75000  | yes       |
    When ada tells an income of 10000 USD in "US"
    Then ada is told that "We need to see a document"
    And ada is told that "$250.00"
    And ada would pay $1,000.00 for "14.310x-1T2027"
    When staff approve what ada asked for, because "tax return seen"
    Then ada is told that "You pay less: 75 % off."
    When ada buys "14.310x-1T2027"
    Then ada paid $250.00

  Scenario: The document says something else
    Given staff import these limits
      | country | income | documents |
      | *       | 75000  | yes       |
    And ada told an income of 10000 USD in "US"
    When staff approve what ada asked for at the tier of 50000, because "she earns more"
    Then ada would pay $750.00 for "14.310x-1T2027"

  Scenario: A request is turned down
    Given incomes below 25000 are looked at
    And ada told an income of 10000 USD in "US"
    Then ada is told that "We are looking at your request"
    When staff deny what ada asked for, because "the document is of somebody else"
    Then ada is told that "You pay the full price"
    And ada would pay $1,000.00 for "14.310x-1T2027"
    And ada is not told that "somebody else"

  Scenario: What is taken back counts no more, but orders keep what they stored
    Given ada told an income of 10000 USD in "US"
    When ada buys "14.310x-1T2027"
    And staff revoke what ada asked for, because "it was not true"
    Then ada paid $250.00
    And ada's receipt says "FINANCIAL-AID/DEDP-75"
    And ada is told that "Your assistance has ended"
    And ada would pay $1,000.00 for "14.73x-1T2027"

  Scenario: Whoever was turned down asks anew when staff say so
    Given ada told an income of 80000 USD in "US"
    When ada tells an income of 10 USD in "US" after all
    Then ada is told that "You pay the full price"
    When staff reset what ada asked for, because "she lost her job"
    And ada tells an income of 10000 USD in "US"
    Then ada is told that "We are looking at your request"

  Scenario: Trying out incomes leads nowhere
    Given incomes below 25000 are looked at
    And ada told an income of 10000 USD in "US"
    When ada takes it back
    And ada tells an income of 30000 USD in "US"
    Then ada is told that "We are looking at your request"

  Scenario: What was approved holds for its time
    Given ada told an income of 10000 USD in "US"
    When 366 days pass
    Then ada has the form before her
    When ada tells an income of 60000 USD in "US"
    Then ada is told that "You pay less: 25 % off."

  Scenario Outline: Each mistake is told beside its field
    When ada fills in "<income>", "<currency>", "<country>" and "<consent>"
    Then ada is told beside "<field>" that "<why>"
    And nobody has asked for anything

    Examples:
      | income | currency | country | consent | field    | why                                |
      | a lot  | USD      | US      | yes     | income   | is not a yearly income             |
      | 25.000 | USD      | US      | yes     | income   | is not a yearly income             |
      | 25000  | XXX      | US      | yes     | currency | We have no rate for XXX            |
      | 25000  | USD      |         | yes     | country  | Choose the country where you live  |
      | 25000  | USD      | US      |         | consent  | confirm that what you tell us is   |
      |        | USD      | US      | yes     | income   | Tell what your household earns     |
      | 25000  | USD      | XX      | yes     | country  | is not a country                   |
      | 25000  |          | US      | yes     | currency | is not a currency                  |
